//! The index in the database: FTS5 on SQLite, `tsvector` with GIN on PostgreSQL.
//! All SQL of this crate is here.
//!
//! An index `product` is the table `search_product`, written in the caller's own
//! transaction, and the vocabulary `search_product_word` with its three-letter parts
//! `search_product_gram`, by which a misspelt word is found. The vocabulary only
//! grows: a word that no document holds any more costs nothing but a look.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use crate::Error;
use crate::query::{Expression, Hearing, Part, Query, Sequence};
use crate::sound::syllable;
use crate::text::{Run, exact, initials, runs, syllables, words};

/// Tokens of a body that are indexed.
const BODY: usize = 2_000;
/// Positions PostgreSQL keeps of a token.
const POSITIONS: usize = 200;
/// Rows in one statement.
const ROWS: usize = 200;
/// Candidates looked at for a misspelt word.
const CANDIDATES: i64 = 60;

/// An index, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index(&'static str);

impl Index {
    /// An index of this name: lower-case letters.
    ///
    /// # Panics
    /// On any other name, for it becomes the name of a table.
    pub const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        let mut rest = bytes;
        while let [first, others @ ..] = rest {
            assert!(first.is_ascii_lowercase(), "an index is named by lower-case letters");
            rest = others;
        }
        assert!(!bytes.is_empty(), "an index has a name");
        Self(name)
    }
}

/// What can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// By which it is found.
    pub id: i64,
    /// What it is called, in all languages: counts most, and is found by its sound.
    pub title: String,
    /// Codes, categories.
    pub keywords: String,
    /// Everything else.
    pub body: String,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Documents, best match first.
    pub ids: Vec<i64>,
    /// What was searched instead, for nothing matched what was typed.
    pub corrected: Option<String>,
}

/// The tables of an index.
pub mod schema {
    use super::{ConnectionTrait, DbBackend, Error, Index};

    /// Makes the tables of an index.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unsupported`].
    pub async fn up(db: &impl ConnectionTrait, Index(name): Index) -> Result<(), Error> {
        let index = match db.get_database_backend() {
            DbBackend::Sqlite => format!(
                "CREATE VIRTUAL TABLE search_{name} USING fts5(title, keywords, body, exact, sound, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0')"
            ),
            DbBackend::Postgres => format!("CREATE TABLE search_{name} (id bigint PRIMARY KEY, words tsvector NOT NULL)"),
            _ => return Err(Error::Unsupported),
        };
        db.execute_unprepared(&index).await?;
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(&format!("CREATE INDEX search_{name}_words_idx ON search_{name} USING gin (words)")).await?;
        }
        db.execute_unprepared(&format!("CREATE TABLE search_{name}_word (word text PRIMARY KEY)")).await?;
        db.execute_unprepared(&format!(
            "CREATE TABLE search_{name}_gram (gram text NOT NULL, word text NOT NULL, PRIMARY KEY (gram, word))"
        ))
        .await?;
        Ok(())
    }
}

/// Writes documents, new or anew, in the caller's transaction.
///
/// # Errors
/// [`Error::Database`], [`Error::Unsupported`].
pub async fn put(db: &impl ConnectionTrait, index: Index, documents: &[Document]) -> Result<(), Error> {
    let backend = db.get_database_backend();
    let mut vocabulary = BTreeSet::new();
    for chunk in documents.chunks(ROWS) {
        let parts: Vec<Parts> = chunk.iter().map(Parts::of).collect();
        for part in &parts {
            vocabulary.extend(part.vocabulary.iter().cloned());
        }
        match backend {
            DbBackend::Sqlite => put_fts5(db, index, &parts).await?,
            DbBackend::Postgres => put_vectors(db, index, &parts).await?,
            _ => return Err(Error::Unsupported),
        }
    }
    learn(db, index, vocabulary).await
}

/// Takes documents out, in the caller's transaction.
///
/// # Errors
/// [`Error::Database`].
pub async fn remove(db: &impl ConnectionTrait, Index(name): Index, ids: &[i64]) -> Result<(), Error> {
    let key = if db.get_database_backend() == DbBackend::Sqlite { "rowid" } else { "id" };
    for chunk in ids.chunks(ROWS) {
        let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
        run(db, &format!("DELETE FROM search_{name} WHERE {key} IN ({})", marks(db, 1, chunk.len())), values).await?;
    }
    Ok(())
}

/// Takes everything out, before all is indexed anew.
///
/// # Errors
/// [`Error::Database`].
pub async fn clear(db: &impl ConnectionTrait, Index(name): Index) -> Result<(), Error> {
    for table in ["", "_word", "_gram"] {
        db.execute_unprepared(&format!("DELETE FROM search_{name}{table}")).await?;
    }
    Ok(())
}

/// Finds documents, best match first, at most `most`.
///
/// What is written is looked for first; if nothing is found, what sounds like it;
/// if nothing again, words that differ by a letter or two.
///
/// # Errors
/// [`Error::Database`], [`Error::Unsupported`].
pub async fn find(db: &impl ConnectionTrait, index: Index, query: &Query, most: u32) -> Result<Found, Error> {
    if query.is_empty() {
        return Ok(Found::default());
    }
    for hearing in [Hearing::Written, Hearing::Sounds] {
        let ids = matching(db, index, &query.expression(hearing), most).await?;
        if !ids.is_empty() {
            return Ok(Found { ids, corrected: None });
        }
    }
    let replaced = corrections(db, index, query).await?;
    if replaced.is_empty() {
        return Ok(Found::default());
    }
    let better = query.with(&replaced);
    for hearing in [Hearing::Written, Hearing::Sounds] {
        let ids = matching(db, index, &better.expression(hearing), most).await?;
        if !ids.is_empty() {
            return Ok(Found { ids, corrected: Some(better.typed()) });
        }
    }
    Ok(Found::default())
}

async fn matching(db: &impl ConnectionTrait, Index(name): Index, expression: &Expression, most: u32) -> Result<Vec<i64>, Error> {
    let (sql, text) = match db.get_database_backend() {
        DbBackend::Sqlite => (
            format!(
                "SELECT rowid AS id FROM search_{name} WHERE search_{name} MATCH ? ORDER BY bm25(search_{name}, 10.0, 6.0, 1.0, 0.2, 0.2), rowid DESC LIMIT ?"
            ),
            fts5(expression),
        ),
        DbBackend::Postgres => (
            format!(
                "SELECT id FROM search_{name}, CAST($1 AS tsquery) AS asked WHERE words @@ asked ORDER BY ts_rank('{{0.02,0.1,0.6,1.0}}', words, asked) DESC, id DESC LIMIT $2"
            ),
            tsquery(expression),
        ),
        _ => return Err(Error::Unsupported),
    };
    let rows = all(db, &sql, vec![text.into(), i64::from(most).into()]).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// A document as tokens.
struct Parts {
    id: i64,
    title: Vec<String>,
    keywords: Vec<String>,
    body: Vec<String>,
    exact: Vec<String>,
    sound: Vec<String>,
    vocabulary: BTreeSet<String>,
}

impl Parts {
    fn of(document: &Document) -> Self {
        let (title, keywords, body) = (runs(&document.title), runs(&document.keywords), runs(&document.body));
        let mut exact_tokens = exact(&title);
        // A mark between, so that no phrase reaches from one into the other.
        for part in [&keywords, &body] {
            exact_tokens.push("0".to_owned());
            exact_tokens.extend(exact(part).into_iter().take(BODY));
        }
        let mut sound = Vec::new();
        let mut vocabulary = BTreeSet::new();
        for run in title.iter().chain(&keywords) {
            match run {
                Run::Han(text) => {
                    sound.extend(syllables(text));
                    sound.extend(initials(text));
                    sound.push("0".to_owned());
                }
                Run::Word(word) if is_spelt(word) => {
                    vocabulary.insert(word.clone());
                }
                Run::Word(_) => {}
            }
        }
        let title_words = words(&title);
        let spoken = |word: &String| word.chars().map(syllable).collect::<Option<String>>();
        vocabulary.extend(title_words.iter().filter_map(spoken).filter(|word| is_spelt(word)));
        Self {
            id: document.id,
            title: title_words,
            keywords: words(&keywords),
            body: words(&body).into_iter().take(BODY).collect(),
            exact: exact_tokens,
            sound,
            vocabulary,
        }
    }
}

/// Is it a word that can be misspelt, and no code?
fn is_spelt(word: &str) -> bool {
    (3..=24).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_lowercase())
}

async fn put_fts5(db: &impl ConnectionTrait, index: Index, parts: &[Parts]) -> Result<(), Error> {
    remove(db, index, &parts.iter().map(|part| part.id).collect::<Vec<_>>()).await?;
    let mut values: Vec<Value> = Vec::with_capacity(parts.len() * 6);
    for part in parts {
        values.push(part.id.into());
        for tokens in [&part.title, &part.keywords, &part.body, &part.exact, &part.sound] {
            values.push(tokens.join(" ").into());
        }
    }
    let rows = vec!["(?, ?, ?, ?, ?, ?)"; parts.len()].join(", ");
    run(db, &format!("INSERT INTO search_{} (rowid, title, keywords, body, exact, sound) VALUES {rows}", index.0), values).await
}

async fn put_vectors(db: &impl ConnectionTrait, Index(name): Index, parts: &[Parts]) -> Result<(), Error> {
    let mut values: Vec<Value> = Vec::with_capacity(parts.len() * 2);
    for part in parts {
        values.push(part.id.into());
        values.push(vector(part).into());
    }
    let rows = (0..parts.len()).map(|at| format!("(${}, CAST(${} AS tsvector))", at * 2 + 1, at * 2 + 2)).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO search_{name} (id, words) VALUES {rows} ON CONFLICT (id) DO UPDATE SET words = excluded.words");
    run(db, &sql, values).await
}

/// Tokens with their places, and what they count: A the title, B keywords, C the
/// body, D what stands there only for phrases and sounds.
fn vector(part: &Parts) -> String {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut at = 0_usize;
    for (tokens, weight) in [(&part.title, "A"), (&part.keywords, "B"), (&part.body, "C"), (&part.exact, "D"), (&part.sound, "D")] {
        for token in tokens {
            at += 1;
            let known = places.entry(token).or_default();
            // Beyond, PostgreSQL knows no places.
            if at < 16_000 && known.len() < POSITIONS {
                known.push(format!("{at}{weight}"));
            }
        }
        at += 10;
    }
    let token = |(token, places): (&str, Vec<String>)| {
        if places.is_empty() { lexeme(token) } else { format!("{}:{}", lexeme(token), places.join(",")) }
    };
    places.into_iter().map(token).collect::<Vec<_>>().join(" ")
}

fn lexeme(token: &str) -> String {
    format!("'{}'", token.replace('\\', "\\\\").replace('\'', "''"))
}

/// The expression in FTS5's language: every token quoted, so that none is an operator.
fn fts5(expression: &Expression) -> String {
    let sequence = |sequence: &Sequence| {
        let columns = match sequence.part {
            Part::Words => "{title keywords body}",
            Part::Exact => "exact",
            Part::Sound => "sound",
        };
        let tokens = sequence.tokens.join(" ").replace('"', "\"\"");
        format!("{columns} : \"{tokens}\"{}", if sequence.unfinished { " *" } else { "" })
    };
    let any = |ways: &Vec<Sequence>| {
        let ways = ways.iter().map(sequence).map(|way| format!("({way})")).collect::<Vec<_>>();
        format!("({})", ways.join(" OR "))
    };
    let wanted = expression.wanted.iter().map(any).collect::<Vec<_>>().join(" AND ");
    expression.unwanted.iter().map(any).fold(format!("({wanted})"), |whole, unwanted| format!("({whole} NOT {unwanted})"))
}

/// The expression in PostgreSQL's language: every token quoted.
fn tsquery(expression: &Expression) -> String {
    let sequence = |sequence: &Sequence| {
        let weights = match sequence.part {
            Part::Words => "ABC",
            Part::Exact | Part::Sound => "D",
        };
        let last = sequence.tokens.len().saturating_sub(1);
        let token = |(at, token): (usize, &String)| {
            format!("{}:{}{weights}", lexeme(token), if sequence.unfinished && at == last { "*" } else { "" })
        };
        format!("({})", sequence.tokens.iter().enumerate().map(token).collect::<Vec<_>>().join(" <-> "))
    };
    let any = |ways: &Vec<Sequence>| format!("({})", ways.iter().map(sequence).collect::<Vec<_>>().join(" | "));
    let unwanted = expression.unwanted.iter().map(|ways| format!("!{}", any(ways)));
    expression.wanted.iter().map(any).chain(unwanted).collect::<Vec<_>>().join(" & ")
}

/// Notes words by which misspelt ones will be found. In order, so that two writers
/// never wait for each other in a circle.
async fn learn(db: &impl ConnectionTrait, Index(name): Index, vocabulary: BTreeSet<String>) -> Result<(), Error> {
    let words: Vec<String> = vocabulary.into_iter().collect();
    let mut grams: Vec<(String, String)> = Vec::new();
    for chunk in words.chunks(2_000) {
        let rows = (1..=chunk.len()).map(|at| format!("({})", mark(db, at))).collect::<Vec<_>>().join(", ");
        let sql = format!("INSERT INTO search_{name}_word (word) VALUES {rows} ON CONFLICT (word) DO NOTHING RETURNING word");
        for row in all(db, &sql, chunk.iter().map(|word| word.clone().into()).collect()).await? {
            let word: String = row.try_get("", "word")?;
            grams.extend(self::grams(&word).into_iter().map(|gram| (gram, word.clone())));
        }
    }
    for chunk in grams.chunks(2_000) {
        let rows =
            (0..chunk.len()).map(|at| format!("({}, {})", mark(db, at * 2 + 1), mark(db, at * 2 + 2))).collect::<Vec<_>>().join(", ");
        let values = chunk.iter().flat_map(|(gram, word)| [gram.clone().into(), word.clone().into()]).collect();
        run(db, &format!("INSERT INTO search_{name}_gram (gram, word) VALUES {rows} ON CONFLICT DO NOTHING"), values).await?;
    }
    Ok(())
}

/// The three-letter parts of a word, its ends marked.
fn grams(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = format!("_{word}_").chars().collect();
    letters.windows(3).map(|three| three.iter().collect()).collect()
}

/// For each word that nobody knows, the known one nearest to it.
async fn corrections(db: &impl ConnectionTrait, Index(name): Index, query: &Query) -> Result<Vec<(String, String)>, Error> {
    let mut replaced = Vec::new();
    for word in query.words().filter(|word| word.len() > 3 && is_spelt(word)) {
        let known = all(db, &format!("SELECT word FROM search_{name}_word WHERE word = {}", mark(db, 1)), vec![word.into()]).await?;
        if !known.is_empty() {
            continue;
        }
        let grams = grams(word);
        let sql = format!(
            "SELECT word FROM search_{name}_gram WHERE gram IN ({}) GROUP BY word ORDER BY COUNT(*) DESC, word LIMIT {}",
            marks(db, 1, grams.len()),
            mark(db, grams.len() + 1)
        );
        let values = grams.into_iter().map(Value::from).chain([CANDIDATES.into()]).collect();
        let far = if word.len() < 6 { 1 } else { 2 };
        let mut best: Option<(usize, String)> = None;
        for row in all(db, &sql, values).await? {
            let candidate: String = row.try_get("", "word")?;
            let distance = strsim::damerau_levenshtein(word, &candidate);
            if distance <= far && best.as_ref().is_none_or(|(least, _)| distance < *least) {
                best = Some((distance, candidate));
            }
        }
        if let Some((_, better)) = best {
            replaced.push((word.to_owned(), better));
        }
    }
    Ok(replaced)
}

fn mark(db: &impl ConnectionTrait, at: usize) -> String {
    if db.get_database_backend() == DbBackend::Postgres { format!("${at}") } else { "?".to_owned() }
}

fn marks(db: &impl ConnectionTrait, from: usize, count: usize) -> String {
    (from..from + count).map(|at| mark(db, at)).collect::<Vec<_>>().join(", ")
}

async fn run(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<(), Error> {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(())
}

async fn all(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<sea_orm::QueryResult>, Error> {
    Ok(db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?)
}
