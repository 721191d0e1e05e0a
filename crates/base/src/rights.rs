//! Rights: what a role grants, an API key's scope names and a route states.

/// A right as a type, so that a route can only state one that exists.
pub trait Right: Send + Sync + 'static {
    /// Its name, `resource.action`.
    const NAME: &'static str;
    /// May an API key hold it? Not for keys, roles and people.
    const FOR_KEYS: bool = true;
}

/// Declares rights: one unit type each, and `ALL`, their names.
///
/// ```
/// zg_base::rights! {
///     /// Read orders.
///     ReadOrders = "orders.read";
/// }
/// ```
#[macro_export]
macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident = $text:literal $(, $keys:ident)?;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl $crate::Right for $name {
                const NAME: &'static str = $text;
                $( const FOR_KEYS: bool = $crate::rights!(@keys $keys); )?
            }
        )*
    };
    (@keys staff_only) => { false };
}
