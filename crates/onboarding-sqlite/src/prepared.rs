//! Statements that are parsed once.

use diesel::{
    QueryResult, RunQueryDsl,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sqlite::Sqlite,
};

/// A statement whose text is one of a few, whatever it is about: a connection prepares it once and keeps it. Diesel does
/// so by itself where the types tell; not for updates and for SQL, whose text might be another each time.
pub(crate) struct Prepared<T>(pub(crate) T);

impl<T: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Prepared<T> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &Sqlite) -> QueryResult<bool> {
        Ok(true)
    }
}

/// It is kept by its text.
impl<T> QueryId for Prepared<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: Query> Query for Prepared<T> {
    type SqlType = T::SqlType;
}

impl<T, Connection> RunQueryDsl<Connection> for Prepared<T> {}
