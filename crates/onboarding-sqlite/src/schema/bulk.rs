//! The tables of imports.

diesel::table! {
    imports (company_id, import_id) {
        company_id -> Text,
        import_id -> Binary,
        state -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        address -> Nullable<Text>,
        may_give_roles -> Bool,
        begun_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        total -> BigInt,
        created -> BigInt,
        changed -> BigInt,
        unchanged -> BigInt,
        refused -> BigInt,
        lease_token -> Nullable<Binary>,
        leased_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    import_rows (company_id, import_id, line) {
        company_id -> Text,
        import_id -> Binary,
        line -> BigInt,
        username -> Text,
        batch -> Nullable<BigInt>,
        cells -> Nullable<Text>,
        mistakes -> Nullable<Text>,
    }
}
