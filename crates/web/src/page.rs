//! Lists by key: stable under inserts, and as quick at the end as at the start.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Problem, Result, View};

/// Counting stops here, unless the whole is asked for.
pub const COUNT_LIMIT: u64 = 10_000;

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page begins.
    pub meta: PageMeta,
}

/// What is known of the list beyond the page.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
pub struct PageMeta {
    /// Give it as `cursor` to read on; none on the last page.
    pub next_cursor: Option<String>,
    /// Rows in all; counting stops at 10,000. None where it was not counted.
    pub total: Option<i64>,
}

impl<T: Serialize> View for Page<T> {}

impl<T> Page<T> {
    /// A page of rows read with `limit + 1`: the extra row says that there is more.
    pub fn of<K: Serialize>(mut rows: Vec<T>, limit: Limit, total: Option<u64>, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next_cursor = if more { rows.last().map(|row| Cursor::encode(&key(row))) } else { None };
        Self { data: rows, meta: PageMeta { next_cursor, total: total.and_then(|n| i64::try_from(n).ok()) } }
    }

    /// A short list, whole, in the shape of a page.
    pub fn whole(data: Vec<T>) -> Self {
        let total = i64::try_from(data.len()).ok();
        Self { data, meta: PageMeta { next_cursor: None, total } }
    }

    /// The same page of other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(f).collect(), meta: self.meta }
    }
}

/// Where a page ended, as opaque text.
#[derive(Clone, Copy, Debug)]
pub struct Cursor;

impl Cursor {
    /// The key of a page's last row, as text.
    pub fn encode(key: &impl Serialize) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
    }

    /// The key it was made of.
    ///
    /// # Errors
    /// 400 `cursor_invalid` if it was not made by [`Self::encode`] for this list.
    pub fn decode<K: DeserializeOwned>(text: &str) -> Result<K> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Problem::bad_request("cursor_invalid"))?;
        serde_json::from_slice(&bytes).map_err(|_| Problem::bad_request("cursor_invalid"))
    }

    /// As [`Self::decode`], of a parameter that may be absent.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub fn decode_opt<K: DeserializeOwned>(text: Option<&str>) -> Result<Option<K>> {
        text.map(Self::decode).transpose()
    }
}

/// How many rows a page holds: 1 to 200, 50 unless said.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(try_from = "u16")]
#[schema(value_type = u16, minimum = 1, maximum = 200, default = 50)]
pub struct Limit(u16);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u16> for Limit {
    type Error = &'static str;

    fn try_from(rows: u16) -> Result<Self, &'static str> {
        if (1..=200).contains(&rows) { Ok(Self(rows)) } else { Err("limit must be from 1 to 200") }
    }
}

impl Limit {
    /// So many rows, where the code itself decides: 1 to 200.
    #[must_use]
    pub const fn new(rows: u16) -> Self {
        Self(if rows == 0 {
            1
        } else if rows > 200 {
            200
        } else {
            rows
        })
    }

    /// Rows of the page.
    pub fn rows(self) -> usize {
        usize::from(self.0)
    }

    /// Rows to read: one more, which says that there is more.
    pub fn and_one(self) -> u64 {
        u64::from(self.0) + 1
    }
}
