//! The tables as Diesel sees them; `migrations/sqlite` is the original.

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
        languages -> Text,
        app_secret -> Text,
        verify_token -> Text,
        access_token -> Text,
        features -> Text,
        limits -> Text,
        templates -> Text,
        qr_text -> Text,
        qr_logo -> Nullable<Text>,
        texts -> Text,
        opt_out -> Text,
        sign_in -> Text,
        button_key -> Binary,
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
        user_id -> Binary,
        username -> Text,
        name -> Text,
        email -> Nullable<Text>,
        title -> Nullable<Text>,
        org_unit_id -> Text,
        extension -> Nullable<Text>,
        extension_skeleton -> Nullable<Text>,
        roles -> Text,
        deactivated_at -> Nullable<BigInt>,
        successor_id -> Nullable<Binary>,
    }
}

diesel::table! {
    user_identities (company_id, issuer, subject) {
        company_id -> Text,
        issuer -> Text,
        subject -> Text,
        user_id -> Binary,
    }
}

diesel::table! {
    user_external_companies (company_id, user_id, external_company_id) {
        company_id -> Text,
        user_id -> Binary,
        external_company_id -> Text,
        place -> BigInt,
    }
}

diesel::table! {
    official_accounts (company_id, account_id) {
        company_id -> Text,
        account_id -> Binary,
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
        geography_mapping -> Text,
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
        account_id -> Binary,
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
        identity_id -> Binary,
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
        merged_into -> Nullable<Binary>,
    }
}

diesel::table! {
    client_aliases (company_id, kind, value) {
        company_id -> Text,
        kind -> Text,
        value -> Text,
        identity_id -> Binary,
    }
}

diesel::table! {
    released_aliases (company_id, kind, value, identity_id) {
        company_id -> Text,
        kind -> Text,
        value -> Text,
        identity_id -> Binary,
        released_at -> BigInt,
    }
}

diesel::table! {
    identity_events (company_id, event_id) {
        company_id -> Text,
        event_id -> Binary,
        place -> BigInt,
        at -> BigInt,
        kind -> Text,
        identity_id -> Binary,
        absorbed_id -> Nullable<Binary>,
        finding -> Text,
    }
}

diesel::table! {
    identity_disputes (company_id, dispute_id) {
        company_id -> Text,
        dispute_id -> Binary,
        identity_id -> Binary,
        other_id -> Binary,
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
        profile_id -> Binary,
        profile_key -> Nullable<Text>,
        name -> Text,
        named_by_company -> Bool,
        phone_number -> Nullable<Text>,
        phone_match_key -> Nullable<Text>,
        phone_recorded_at -> BigInt,
        identity_id -> Nullable<Binary>,
        org_unit_id -> Text,
        external_company_id -> Nullable<Text>,
        merged_into -> Nullable<Binary>,
    }
}

diesel::table! {
    profile_assignments (company_id, profile_id, user_id) {
        company_id -> Text,
        profile_id -> Binary,
        user_id -> Binary,
        by_config -> Bool,
        place -> BigInt,
    }
}

diesel::table! {
    prospects (company_id, prospect_id) {
        company_id -> Text,
        prospect_id -> Binary,
        user_id -> Binary,
        identity_id -> Binary,
        primary_id -> Binary,
        text -> Text,
        waits_for -> Text,
        state -> Text,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
        room_id -> Nullable<Binary>,
    }
}

diesel::table! {
    rooms (company_id, room_id) {
        company_id -> Text,
        room_id -> Binary,
        user_id -> Binary,
        profile_id -> Binary,
        identity_id -> Binary,
        account_id -> Binary,
        primary_id -> Binary,
        state -> Text,
        created_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        last_reminded_at -> Nullable<BigInt>,
        link_until -> Nullable<BigInt>,
        failure_reason -> Nullable<Text>,
        closed_by -> Nullable<Text>,
        close_reason -> Nullable<Text>,
        close_note -> Nullable<Text>,
        merged_from -> Nullable<Binary>,
    }
}

diesel::table! {
    client_windows (company_id, account_id, identity_id) {
        company_id -> Text,
        account_id -> Binary,
        identity_id -> Binary,
        last_wrote_at -> BigInt,
    }
}

diesel::table! {
    onboardings (company_id, onboarding_id) {
        company_id -> Text,
        onboarding_id -> Binary,
        inbox_id -> Binary,
        place -> BigInt,
        decided_at -> BigInt,
        sent_at -> BigInt,
        account_id -> Binary,
        identity_id -> Nullable<Binary>,
        text -> Text,
        outcome -> Text,
        user_id -> Nullable<Binary>,
        room_id -> Nullable<Binary>,
        suppressed -> Bool,
        wrong_extension -> Bool,
        trace -> Text,
    }
}

diesel::table! {
    room_lines (company_id, onboarding_id) {
        company_id -> Text,
        onboarding_id -> Binary,
        room_id -> Binary,
        sent_at -> BigInt,
        text -> Text,
        provider_message_id -> Text,
    }
}

diesel::table! {
    acts (company_id, act_id) {
        company_id -> Text,
        act_id -> Binary,
        place -> BigInt,
        decided_at -> BigInt,
        kind -> Text,
        done_by -> Text,
        user_id -> Binary,
        identity_id -> Binary,
        closed_room_id -> Nullable<Binary>,
        new_room_id -> Nullable<Binary>,
        trace -> Text,
    }
}

diesel::table! {
    notices (company_id, notice_id) {
        company_id -> Text,
        notice_id -> Binary,
        place -> BigInt,
        audience_id -> Binary,
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
        delivery_id -> Binary,
        received_at -> BigInt,
        raw -> Binary,
    }
}

diesel::table! {
    quarantine (company_id, delivery_id, place) {
        company_id -> Text,
        delivery_id -> Binary,
        place -> BigInt,
        received_at -> BigInt,
        payload -> Binary,
        reason -> Text,
    }
}

diesel::table! {
    inbox (company_id, inbox_id) {
        company_id -> Text,
        inbox_id -> Binary,
        delivery_id -> Binary,
        account_id -> Binary,
        dedupe_key -> Text,
        lane -> Text,
        place -> BigInt,
        arrival -> BigInt,
        payload -> Binary,
        due_at -> BigInt,
        attempts -> BigInt,
        lease_token -> Nullable<Binary>,
        leased_until -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        buried -> Bool,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    outbox (company_id, outbox_id) {
        company_id -> Text,
        outbox_id -> Binary,
        place -> BigInt,
        account_id -> Binary,
        identity_id -> Binary,
        recipient_kind -> Text,
        recipient -> Text,
        text -> Nullable<Text>,
        template -> Nullable<Text>,
        purpose -> Text,
        room_id -> Nullable<Binary>,
        after_id -> Nullable<Binary>,
        automatic -> Bool,
        queued_at -> BigInt,
        state -> Text,
        due_at -> BigInt,
        lease_token -> Nullable<Binary>,
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
        outbox_id -> Binary,
        lease_token -> Binary,
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
        account_id -> Binary,
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
    send_rates (company_id, account_id, identity_id) {
        company_id -> Text,
        account_id -> Binary,
        identity_id -> Binary,
        paid_until -> BigInt,
    }
}

diesel::table! {
    outbox_statuses (company_id, outbox_id, inbox_id) {
        company_id -> Text,
        outbox_id -> Binary,
        inbox_id -> Binary,
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
