//! Which crate may import which: the arrows of ARCHITECTURE.md as a table, held against the manifests.
//!
//! Normal and build dependencies follow the table. Dev-dependencies are freer, because tests do not ship, but
//! adapters stay apart even there: a test that needs two of them belongs to `server`.

use cargo_metadata::{DependencyKind, Metadata};

use super::Report;

/// The place of one workspace crate.
struct Layer {
    name: &'static str,
    /// Workspace crates that its code may import.
    imports: &'static [&'static str],
    /// Foreign crates that its code must not import.
    never: &'static [&'static str],
    /// Why the lists are as they are; part of the message when they are broken.
    why: &'static str,
    role: Role,
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Library,
    /// Implements or drives the ports with one technology.
    Adapter,
    /// Importable by nobody: the composition root and the automation.
    Top,
}

const DRIVERS: &[&str] = &[
    "diesel",
    "diesel-async",
    "diesel_migrations",
    "libsqlite3-sys",
    "reqwest",
    "actix-web",
    "rustls",
];

/// Crates that are not in the tree yet may stand here; a crate of the tree that does not stand here is
/// refused.
const LAYERS: &[Layer] = &[
    Layer {
        name: "onboarding-core",
        imports: &[],
        never: &[
            "serde",
            "serde_json",
            "tokio",
            "diesel",
            "diesel-async",
            "diesel_migrations",
            "reqwest",
            "actix-web",
            "tracing",
            "tracing-subscriber",
            "getrandom",
        ],
        why: "the domain does no input or output and owns no clock, randomness or wire format",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-testkit",
        imports: &["onboarding-core"],
        never: DRIVERS,
        why: "the doubles know the ports and no technology",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-contract",
        imports: &["onboarding-core", "onboarding-testkit"],
        never: DRIVERS,
        why: "the suite reaches a store through the ports only",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-manifest",
        imports: &["onboarding-core"],
        never: DRIVERS,
        why: "a manifest is text that becomes values of the core",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-qr",
        imports: &["onboarding-core"],
        never: DRIVERS,
        why: "a picture is bytes made from values of the core",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-pages",
        imports: &["onboarding-core"],
        never: DRIVERS,
        why: "a page is text made from values; whoever serves it knows requests and stores",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-sqlite",
        imports: &["onboarding-core"],
        never: &["actix-web", "reqwest", "diesel-async"],
        why: "a store knows the ports and its own database",
        role: Role::Adapter,
    },
    Layer {
        name: "onboarding-postgres",
        imports: &["onboarding-core"],
        never: &["actix-web", "reqwest", "libsqlite3-sys"],
        why: "a store knows the ports and its own database",
        role: Role::Adapter,
    },
    Layer {
        name: "postgres-cluster",
        imports: &[],
        never: DRIVERS,
        why: "it starts a database server for tests and knows nothing else",
        role: Role::Library,
    },
    Layer {
        name: "test-tools",
        imports: &[],
        never: DRIVERS,
        why: "it starts what others wrote for tests and knows nothing else",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-whatsapp",
        imports: &["onboarding-core", "whatsapp-graph"],
        never: &["actix-web", "diesel", "diesel-async", "diesel_migrations"],
        why: "the messenger knows the ports and the Graph API",
        role: Role::Adapter,
    },
    Layer {
        name: "openid-client",
        imports: &[],
        never: &["actix-web", "diesel", "diesel-async", "diesel_migrations"],
        why: "it speaks OpenID Connect and knows nothing of onboarding",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-access",
        imports: &["onboarding-core", "openid-client"],
        never: &["actix-web", "diesel", "diesel-async", "diesel_migrations"],
        why: "it knows who somebody is, and neither how they reached us nor where that is stored",
        role: Role::Library,
    },
    Layer {
        name: "onboarding-http",
        imports: &[
            "onboarding-access",
            "onboarding-core",
            "onboarding-manifest",
            "onboarding-pages",
            "onboarding-qr",
            "whatsapp-graph",
        ],
        never: &[
            "diesel",
            "diesel-async",
            "diesel_migrations",
            "libsqlite3-sys",
            "reqwest",
        ],
        why: "handlers reach databases and other services through ports only",
        role: Role::Adapter,
    },
    Layer {
        name: "whatsapp-graph",
        imports: &[],
        never: &["actix-web", "diesel", "diesel-async", "diesel_migrations"],
        why: "it describes Meta's API and knows nothing of onboarding",
        role: Role::Library,
    },
    Layer {
        name: "whatsapp-simulator",
        imports: &["whatsapp-graph"],
        never: &["diesel", "diesel-async", "diesel_migrations"],
        why: "it plays Meta, who does not know our code",
        role: Role::Library,
    },
    Layer {
        name: "crash-suite",
        imports: &["postgres-cluster", "whatsapp-graph", "whatsapp-simulator"],
        never: &[],
        why: "it judges the product from outside and must not share its mistakes",
        role: Role::Top,
    },
    Layer {
        name: "bench",
        imports: &["postgres-cluster", "whatsapp-graph", "whatsapp-simulator"],
        never: &[],
        why: "it measures the product from outside, as it runs elsewhere",
        role: Role::Top,
    },
    Layer {
        name: "server",
        imports: &[
            "onboarding-access",
            "onboarding-core",
            "onboarding-http",
            "onboarding-manifest",
            "onboarding-postgres",
            "onboarding-qr",
            "onboarding-sqlite",
            "onboarding-whatsapp",
            "openid-client",
            "whatsapp-graph",
            "whatsapp-simulator",
        ],
        never: &[],
        why: "the binary wires the product; doubles and the contract suite do not ship",
        role: Role::Top,
    },
    Layer {
        name: "xtask",
        imports: &[],
        never: &[],
        why: "the automation must build and run while the product does not",
        role: Role::Top,
    },
];

pub(super) fn check(metadata: &Metadata) -> Report {
    let members: Vec<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let Some(layer) = layer(&package.name) else {
            violations.push(unknown(&package.name));
            continue;
        };
        let imports = package.dependencies.iter();
        violations.extend(imports.filter_map(|import| violation(layer, &import.name, import.kind, &members)));
    }
    Report::violations(violations)
}

fn layer(name: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.name == name)
}

fn unknown(name: &str) -> String {
    format!(
        "crate {name} has no layer: nobody has said what it may import; add it to xtask/src/check/layers.rs"
    )
}

fn violation(from: &Layer, to: &str, kind: DependencyKind, members: &[&str]) -> Option<String> {
    if members.contains(&to) {
        return import_of_ours(from, to, kind);
    }
    import_of_theirs(from, to, kind)
}

fn import_of_ours(from: &Layer, to: &str, kind: DependencyKind) -> Option<String> {
    let target = layer(to)?;
    if target.role == Role::Top {
        let why = format!("nobody imports {to}, {}", target.why);
        return Some(refused(
            from,
            to,
            &why,
            "move what both need into a library crate",
        ));
    }
    if from.name == "xtask" {
        return Some(refused(
            from,
            to,
            from.why,
            "start the product as a program instead",
        ));
    }
    if kind == DependencyKind::Development {
        let strangers = from.role == Role::Adapter && target.role == Role::Adapter;
        return strangers.then(|| {
            refused(
                from,
                to,
                "adapters do not know each other, in tests neither",
                "move the test to crate server",
            )
        });
    }
    if from.imports.contains(&to) {
        return None;
    }
    Some(refused(
        from,
        to,
        from.why,
        "put what it needs behind a port of onboarding-core, or wire it in server",
    ))
}

fn import_of_theirs(from: &Layer, to: &str, kind: DependencyKind) -> Option<String> {
    if kind == DependencyKind::Development {
        return None;
    }
    if to == "anyhow" && from.role != Role::Top {
        let why = "callers of a library must be able to tell its errors apart";
        return Some(refused(from, to, why, "make an error enum with thiserror"));
    }
    if !from.never.contains(&to) {
        return None;
    }
    Some(refused(
        from,
        to,
        from.why,
        "move the code that needs it to the crate whose technology it is",
    ))
}

fn refused(from: &Layer, to: &str, why: &str, mend: &str) -> String {
    format!("crate {} must not depend on {to}: {why}; {mend}", from.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORMAL: DependencyKind = DependencyKind::Normal;
    const BUILD: DependencyKind = DependencyKind::Build;
    const DEV: DependencyKind = DependencyKind::Development;

    fn judged(from: &str, to: &str, kind: DependencyKind) -> Option<String> {
        let members: Vec<&str> = LAYERS.iter().map(|layer| layer.name).collect();
        violation(layer(from).expect("a known crate"), to, kind, &members)
    }

    #[test]
    fn the_arrows_of_the_architecture_are_allowed() {
        let arrows = [
            ("onboarding-sqlite", "onboarding-core"),
            ("onboarding-whatsapp", "whatsapp-graph"),
            ("onboarding-http", "whatsapp-graph"),
            ("onboarding-contract", "onboarding-testkit"),
            ("whatsapp-simulator", "whatsapp-graph"),
            ("server", "onboarding-sqlite"),
            ("server", "whatsapp-simulator"),
        ];
        for (from, to) in arrows {
            assert_eq!(judged(from, to, NORMAL), None, "{from} -> {to}");
        }
    }

    #[test]
    fn no_arrow_points_outwards() {
        for to in LAYERS {
            assert!(
                judged("onboarding-core", to.name, NORMAL).is_some(),
                "onboarding-core -> {}",
                to.name
            );
        }
        assert!(judged("onboarding-http", "onboarding-sqlite", NORMAL).is_some());
        assert!(judged("whatsapp-simulator", "onboarding-core", NORMAL).is_some());
        assert!(judged("server", "onboarding-testkit", NORMAL).is_some());
    }

    #[test]
    fn build_dependencies_follow_the_same_table() {
        assert!(judged("onboarding-core", "serde", BUILD).is_some());
        assert!(judged("onboarding-core", "onboarding-sqlite", BUILD).is_some());
    }

    #[test]
    fn tests_may_use_the_doubles_and_the_suite_but_no_other_adapter() {
        assert_eq!(judged("onboarding-core", "onboarding-testkit", DEV), None);
        assert_eq!(judged("onboarding-sqlite", "onboarding-contract", DEV), None);
        assert_eq!(judged("onboarding-core", "tokio", DEV), None);
        assert!(judged("onboarding-http", "onboarding-sqlite", DEV).is_some());
    }

    #[test]
    fn nobody_imports_the_binary_or_the_automation() {
        for kind in [NORMAL, BUILD, DEV] {
            assert!(judged("onboarding-http", "server", kind).is_some());
            assert!(judged("server", "xtask", kind).is_some());
            assert!(judged("xtask", "onboarding-core", kind).is_some());
        }
    }

    #[test]
    fn anyhow_ends_at_the_binary() {
        assert_eq!(judged("server", "anyhow", NORMAL), None);
        assert_eq!(judged("xtask", "anyhow", NORMAL), None);
        assert_eq!(
            judged("onboarding-sqlite", "anyhow", NORMAL).as_deref(),
            Some(
                "crate onboarding-sqlite must not depend on anyhow: callers of a library must be able to tell its \
                 errors apart; make an error enum with thiserror"
            )
        );
    }

    #[test]
    fn a_refusal_names_both_crates_the_reason_and_the_mend() {
        assert_eq!(
            judged("onboarding-http", "diesel", NORMAL).as_deref(),
            Some(
                "crate onboarding-http must not depend on diesel: handlers reach databases and other services through \
                 ports only; move the code that needs it to the crate whose technology it is"
            )
        );
    }

    #[test]
    fn the_table_allows_only_crates_that_stand_in_it() {
        for from in LAYERS {
            for to in from.imports {
                assert!(
                    layer(to).is_some(),
                    "{} may import {to}, which has no layer",
                    from.name
                );
            }
        }
    }
}
