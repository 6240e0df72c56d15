//! Truthful doubles of the onboarding ports: an in-memory store, a manual clock, seeded randomness, a recording messenger, builders.
