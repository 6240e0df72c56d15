//! The suite of behaviours that every onboarding store must show.
