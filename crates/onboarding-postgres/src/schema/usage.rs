//! The count of live rooms.

diesel::table! {
    account_usage (company_id, account_id) {
        company_id -> Text,
        account_id -> Uuid,
        live_rooms -> BigInt,
        last_allocated_at -> BigInt,
    }
}
