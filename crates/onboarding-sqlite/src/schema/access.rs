//! The tables of tokens, sessions, local accounts and kept answers.

diesel::table! {
    api_tokens (company_id, token_id) {
        company_id -> Text,
        token_id -> Binary,
        name -> Text,
        secret_hash -> Binary,
        scopes -> Text,
        created_at -> BigInt,
        created_by -> Text,
        expires_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (company_id, session_hash) {
        company_id -> Text,
        session_hash -> Binary,
        user_id -> Binary,
        roles -> Text,
        means -> Text,
        second_factor -> Bool,
        signed_in_at -> BigInt,
        used_at -> BigInt,
    }
}

diesel::table! {
    local_accounts (company_id, user_id) {
        company_id -> Text,
        user_id -> Binary,
        password -> Text,
        totp -> Nullable<Binary>,
        failures -> BigInt,
        failed_at -> Nullable<BigInt>,
        code_step -> BigInt,
    }
}

diesel::table! {
    set_up_links (company_id, user_id) {
        company_id -> Text,
        user_id -> Binary,
        link_hash -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (company_id, caller, key_hash) {
        company_id -> Text,
        caller -> Text,
        key_hash -> Binary,
        reservation_id -> Binary,
        fingerprint -> Binary,
        busy_until -> BigInt,
        expires_at -> BigInt,
        sealed_answer -> Nullable<Binary>,
    }
}
