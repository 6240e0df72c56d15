//! The onboarding ports on an embedded SQLite file.
