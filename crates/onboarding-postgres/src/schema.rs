//! The tables as Diesel sees them; `migrations/postgres` is the original.

mod access;
mod audit;
mod bulk;
mod usage;

pub(crate) use access::*;
pub(crate) use audit::*;
pub(crate) use bulk::*;
pub(crate) use usage::*;

diesel::table! {
    companies (company_id) {
        company_id -> Text,
        revision -> BigInt,
        name -> Text,
        country -> Text,
        default_language -> Text,
        languages -> Jsonb,
        app_secret -> Text,
        verify_token -> Text,
        access_token -> Text,
        features -> Jsonb,
        limits -> Jsonb,
        templates -> Jsonb,
        qr_text -> Text,
        qr_logo -> Nullable<Text>,
        texts -> Jsonb,
        opt_out -> Jsonb,
        sign_in -> Jsonb,
        button_key -> Bytea,
        changed_at -> BigInt,
    }
}

diesel::table! {
    company_logos (company_id) {
        company_id -> Text,
        digest -> Text,
        picture -> Binary,
    }
}

diesel::table! {
    org_units (company_id, org_unit_id) {
        company_id -> Text,
        org_unit_id -> Text,
        name -> Text,
        parent_id -> Nullable<Text>,
        removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    external_companies (company_id, external_company_id) {
        company_id -> Text,
        external_company_id -> Text,
        name -> Text,
        removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    users (company_id, user_id) {
        company_id -> Text,
        user_id -> Uuid,
        username -> Text,
        name -> Text,
        email -> Nullable<Text>,
        title -> Nullable<Text>,
        org_unit_id -> Text,
        extension -> Nullable<Text>,
        extension_skeleton -> Nullable<Text>,
        roles -> Jsonb,
        deactivated_at -> Nullable<BigInt>,
        successor_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    user_identities (company_id, issuer, subject) {
        company_id -> Text,
        issuer -> Text,
        subject -> Text,
        user_id -> Uuid,
    }
}

diesel::table! {
    user_external_companies (company_id, user_id, external_company_id) {
        company_id -> Text,
        user_id -> Uuid,
        external_company_id -> Text,
        place -> BigInt,
    }
}

diesel::table! {
    official_accounts (company_id, account_id) {
        company_id -> Text,
        account_id -> Uuid,
        phone_number -> Text,
        phone_number_id -> Text,
        waba_id -> Text,
        retired_at -> Nullable<BigInt>,
        removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    pools (company_id, pool_id) {
        company_id -> Text,
        pool_id -> Text,
        default_country -> Nullable<Text>,
        fallback_upward -> Bool,
        geography_mapping -> Jsonb,
    }
}

diesel::table! {
    platform_facts (company_id, subject, subject_key, name) {
        company_id -> Text,
        subject -> Text,
        subject_key -> Text,
        name -> Text,
        value -> Text,
        health -> Text,
        reason -> Text,
        remedy -> Nullable<Text>,
        observed_at -> BigInt,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    pool_members (company_id, account_id) {
        company_id -> Text,
        account_id -> Uuid,
        pool_id -> Text,
        role -> Text,
        draining -> Bool,
        place -> BigInt,
    }
}

diesel::table! {
    pool_org_units (company_id, pool_id, org_unit_id) {
        company_id -> Text,
        pool_id -> Text,
        org_unit_id -> Text,
        place -> BigInt,
    }
}

diesel::table! {
    client_identities (company_id, identity_id) {
        company_id -> Text,
        identity_id -> Uuid,
        wa_id -> Nullable<Text>,
        bsuid -> Nullable<Text>,
        parent_bsuid -> Nullable<Text>,
        username -> Nullable<Text>,
        profile_name -> Nullable<Text>,
        created_at -> BigInt,
        changed_at -> BigInt,
        opted_out_at -> Nullable<BigInt>,
        revision -> BigInt,
        phone_since -> Nullable<BigInt>,
        merged_into -> Nullable<Uuid>,
    }
}

diesel::table! {
    client_aliases (company_id, kind, value) {
        company_id -> Text,
        kind -> Text,
        value -> Text,
        identity_id -> Uuid,
    }
}

diesel::table! {
    released_aliases (company_id, kind, value, identity_id) {
        company_id -> Text,
        kind -> Text,
        value -> Text,
        identity_id -> Uuid,
        released_at -> BigInt,
    }
}

diesel::table! {
    identity_events (company_id, event_id) {
        company_id -> Text,
        event_id -> Uuid,
        place -> BigInt,
        at -> BigInt,
        kind -> Text,
        identity_id -> Uuid,
        absorbed_id -> Nullable<Uuid>,
        finding -> Text,
    }
}

diesel::table! {
    identity_disputes (company_id, dispute_id) {
        company_id -> Text,
        dispute_id -> Uuid,
        identity_id -> Uuid,
        other_id -> Uuid,
        kind -> Text,
        value -> Text,
        reason -> Text,
        noticed_at -> BigInt,
        settled_at -> Nullable<BigInt>,
        verdict -> Nullable<Text>,
    }
}

diesel::table! {
    client_profiles (company_id, profile_id) {
        company_id -> Text,
        profile_id -> Uuid,
        profile_key -> Nullable<Text>,
        name -> Text,
        named_by_company -> Bool,
        phone_number -> Nullable<Text>,
        phone_match_key -> Nullable<Text>,
        phone_recorded_at -> BigInt,
        identity_id -> Nullable<Uuid>,
        org_unit_id -> Text,
        external_company_id -> Nullable<Text>,
        merged_into -> Nullable<Uuid>,
    }
}

diesel::table! {
    profile_assignments (company_id, profile_id, user_id) {
        company_id -> Text,
        profile_id -> Uuid,
        user_id -> Uuid,
        by_config -> Bool,
        place -> BigInt,
    }
}

diesel::table! {
    prospects (company_id, prospect_id) {
        company_id -> Text,
        prospect_id -> Uuid,
        user_id -> Uuid,
        identity_id -> Uuid,
        primary_id -> Uuid,
        text -> Text,
        waits_for -> Text,
        state -> Text,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
        room_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    rooms (company_id, room_id) {
        company_id -> Text,
        room_id -> Uuid,
        user_id -> Uuid,
        profile_id -> Uuid,
        identity_id -> Uuid,
        account_id -> Uuid,
        primary_id -> Uuid,
        state -> Text,
        created_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        last_reminded_at -> Nullable<BigInt>,
        link_until -> Nullable<BigInt>,
        failure_reason -> Nullable<Text>,
        closed_by -> Nullable<Text>,
        close_reason -> Nullable<Text>,
        close_note -> Nullable<Text>,
        merged_from -> Nullable<Uuid>,
    }
}

diesel::table! {
    client_windows (company_id, account_id, identity_id) {
        company_id -> Text,
        account_id -> Uuid,
        identity_id -> Uuid,
        last_wrote_at -> BigInt,
    }
}

diesel::table! {
    onboardings (company_id, onboarding_id) {
        company_id -> Text,
        onboarding_id -> Uuid,
        inbox_id -> Uuid,
        place -> BigInt,
        decided_at -> BigInt,
        sent_at -> BigInt,
        account_id -> Uuid,
        identity_id -> Nullable<Uuid>,
        text -> Text,
        outcome -> Text,
        user_id -> Nullable<Uuid>,
        room_id -> Nullable<Uuid>,
        suppressed -> Bool,
        wrong_extension -> Bool,
        trace -> Jsonb,
    }
}

diesel::table! {
    room_lines (company_id, onboarding_id) {
        company_id -> Text,
        onboarding_id -> Uuid,
        room_id -> Uuid,
        sent_at -> BigInt,
        text -> Text,
        provider_message_id -> Text,
    }
}

diesel::table! {
    acts (company_id, act_id) {
        company_id -> Text,
        act_id -> Uuid,
        place -> BigInt,
        decided_at -> BigInt,
        kind -> Text,
        done_by -> Text,
        user_id -> Uuid,
        identity_id -> Uuid,
        closed_room_id -> Nullable<Uuid>,
        new_room_id -> Nullable<Uuid>,
        trace -> Jsonb,
    }
}

diesel::table! {
    notices (company_id, notice_id) {
        company_id -> Text,
        notice_id -> Uuid,
        place -> BigInt,
        audience_id -> Uuid,
        kind -> Text,
        subject -> Text,
        text -> Text,
        at -> BigInt,
        seen_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    deliveries (company_id, delivery_id) {
        company_id -> Text,
        delivery_id -> Uuid,
        received_at -> BigInt,
        raw -> Binary,
    }
}

diesel::table! {
    quarantine (company_id, delivery_id, place) {
        company_id -> Text,
        delivery_id -> Uuid,
        place -> BigInt,
        received_at -> BigInt,
        payload -> Binary,
        reason -> Text,
    }
}

diesel::table! {
    inbox (company_id, inbox_id) {
        company_id -> Text,
        inbox_id -> Uuid,
        delivery_id -> Uuid,
        account_id -> Uuid,
        dedupe_key -> Text,
        lane -> Text,
        place -> BigInt,
        arrival -> BigInt,
        payload -> Binary,
        due_at -> BigInt,
        attempts -> BigInt,
        lease_token -> Nullable<Uuid>,
        leased_until -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        buried -> Bool,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    outbox (company_id, outbox_id) {
        company_id -> Text,
        outbox_id -> Uuid,
        place -> BigInt,
        account_id -> Uuid,
        identity_id -> Uuid,
        recipient_kind -> Text,
        recipient -> Text,
        text -> Nullable<Text>,
        template -> Nullable<Jsonb>,
        purpose -> Text,
        room_id -> Nullable<Uuid>,
        after_id -> Nullable<Uuid>,
        automatic -> Bool,
        queued_at -> BigInt,
        state -> Text,
        due_at -> BigInt,
        lease_token -> Nullable<Uuid>,
        leased_until -> Nullable<BigInt>,
        attempts -> BigInt,
        unknown_attempts -> BigInt,
        provider_message_id -> Nullable<Text>,
        progress -> Nullable<Text>,
        error_code -> Nullable<BigInt>,
        error_reason -> Nullable<Text>,
        settled_at -> Nullable<BigInt>,
        replayed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    outbox_attempts (company_id, outbox_id, lease_token) {
        company_id -> Text,
        outbox_id -> Uuid,
        lease_token -> Uuid,
        started_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        provider_message_id -> Nullable<Text>,
        again -> Nullable<Text>,
    }
}

diesel::table! {
    breakers (company_id, account_id) {
        company_id -> Text,
        account_id -> Uuid,
        troubles -> BigInt,
        held_until -> BigInt,
        spared_until -> BigInt,
        probing -> Bool,
    }
}

diesel::table! {
    ingest_health (company_id) {
        company_id -> Text,
        seen_at -> BigInt,
        disturbed_at -> BigInt,
        caught_up_at -> BigInt,
    }
}

diesel::table! {
    outbox_statuses (company_id, outbox_id, inbox_id) {
        company_id -> Text,
        outbox_id -> Uuid,
        inbox_id -> Uuid,
        provider_message_id -> Text,
        progress -> Nullable<Text>,
        at -> BigInt,
        error_code -> Nullable<BigInt>,
        error_reason -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    profile_assignments,
    users,
    pool_members,
    official_accounts,
    client_aliases,
    client_identities,
    rooms,
    outbox,
    room_lines,
    client_profiles,
    prospects,
    inbox,
    onboardings,
);
