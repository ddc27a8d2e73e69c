//! Two versions of a service, and messages of every shape, each for both libraries.

/// Includes what the build script made.
macro_rules! generated {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {$(
        $(#[$doc])*
        pub mod $name {
            include!(concat!(env!("OUT_DIR"), "/", $file, ".rs"));
        }
    )*};
}

generated! {
    /// Names that services have themselves, with messages of micropb.
    names_device = "names_device";
    /// Names that services have themselves, with messages of prost.
    names_host = "names_host";
    /// The old version, with messages of micropb.
    old_device = "old_device";
    /// The old version, with messages of prost.
    old_host = "old_host";
    /// The new version, with messages of micropb.
    new_device = "new_device";
    /// The new version, with messages of prost.
    new_host = "new_host";
    /// Messages of every shape, of micropb.
    shapes_device = "shapes_device";
    /// Messages of every shape, of prost.
    shapes_host = "shapes_host";
}
