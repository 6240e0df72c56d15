//! The onboarding domain: values, rules as pure functions, ports and the services that drive them.
