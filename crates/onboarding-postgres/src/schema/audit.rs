//! The tables of the audit.

diesel::table! {
    audit_heads (company_id) {
        company_id -> Text,
        sequence -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    audit_events (company_id, sequence) {
        company_id -> Text,
        sequence -> BigInt,
        hash -> Binary,
        at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        address -> Nullable<Text>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        before_value -> Nullable<Text>,
        after_value -> Nullable<Text>,
    }
}
