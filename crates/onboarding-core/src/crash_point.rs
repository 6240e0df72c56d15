//! The macros that mark places for `failpoint`. They are chosen here, by this crate's feature, so that a crate that uses
//! them needs none of its own.

/// Marks a place where a crash is interesting, by a name of `failpoint::POINTS`. Nothing without the feature
/// `failpoints`.
#[cfg(feature = "failpoints")]
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {{
        const { assert!($crate::failpoint::has($crate::failpoint::POINTS, $name)) };
        $crate::failpoint::reach($name);
    }};
}

/// Marks a place where a crash is interesting, by a name of `failpoint::POINTS`. Nothing without the feature
/// `failpoints`.
#[cfg(not(feature = "failpoints"))]
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {{}};
}

/// Whether a mistake of `failpoint::MISTAKES` is to be made here. Never without the feature `failpoints`.
#[cfg(feature = "failpoints")]
#[macro_export]
macro_rules! broken {
    ($name:literal) => {{
        const { assert!($crate::failpoint::has($crate::failpoint::MISTAKES, $name)) };
        $crate::failpoint::makes_mistake($name)
    }};
}

/// Whether a mistake of `failpoint::MISTAKES` is to be made here. Never without the feature `failpoints`.
#[cfg(not(feature = "failpoints"))]
#[macro_export]
macro_rules! broken {
    ($name:literal) => {
        false
    };
}
