//! The layers: which crate may use which. An arrow drawn the wrong way is a finding, in a sentence.
//!
//! Checked are the arrows that ship: normal and build dependencies. Tests may look anywhere but at the hosts.

use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What one crate of the house may use.
struct Layer {
    name: &'static str,
    house: &'static [&'static str],
    others: Others,
}

/// What a crate may use from outside the house.
enum Others {
    /// These and nothing else.
    Only(&'static [&'static str]),
    /// Whatever no keeper holds.
    Unkept,
}

const LAYERS: &[Layer] = &[
    Layer {
        name: "guichet-core",
        house: &[],
        others: Others::Only(&["jiff", "serde", "thiserror"]),
    },
    Layer {
        name: "guichet-log",
        house: &["guichet-core"],
        others: Others::Unkept,
    },
    Layer {
        name: "guichet-catalogue",
        house: &["guichet-core"],
        others: Others::Unkept,
    },
    Layer {
        name: "guichet-sled",
        house: &["guichet-core", "guichet-log"],
        others: Others::Unkept,
    },
    Layer {
        name: "guichet-stats",
        house: &["guichet-core", "guichet-log"],
        others: Others::Only(&["libm", "serde", "thiserror"]),
    },
    Layer {
        name: "guichet-terminal",
        house: &[
            "guichet-catalogue",
            "guichet-core",
            "guichet-log",
            "guichet-stats",
        ],
        others: Others::Unkept,
    },
    Layer {
        name: "guichet",
        house: &[
            "guichet-catalogue",
            "guichet-core",
            "guichet-log",
            "guichet-sled",
            "guichet-stats",
        ],
        others: Others::Unkept,
    },
    Layer {
        name: "guichet-audit",
        house: &[
            "guichet-catalogue",
            "guichet-core",
            "guichet-log",
            "guichet-sled",
            "guichet-stats",
            "guichet-terminal",
        ],
        others: Others::Unkept,
    },
    Layer {
        name: "guichet-server",
        house: &[
            "guichet",
            "guichet-audit",
            "guichet-catalogue",
            "guichet-core",
            "guichet-log",
            "guichet-stats",
            "guichet-terminal",
        ],
        others: Others::Unkept,
    },
    Layer {
        name: "guichet-cli",
        house: &[
            "guichet",
            "guichet-audit",
            "guichet-catalogue",
            "guichet-core",
            "guichet-log",
            "guichet-server",
            "guichet-sled",
            "guichet-stats",
            "guichet-terminal",
        ],
        others: Others::Unkept,
    },
    Layer {
        name: "guichet-benches",
        house: &[
            "guichet",
            "guichet-audit",
            "guichet-catalogue",
            "guichet-core",
            "guichet-log",
            "guichet-sled",
            "guichet-stats",
        ],
        others: Others::Unkept,
    },
    Layer {
        name: "xtask",
        house: &[],
        others: Others::Unkept,
    },
];

/// Crates that run, and that nothing may be built upon.
const HOSTS: &[&str] = &["guichet-benches", "guichet-cli", "xtask"];

/// A dependency that only some crates may name, and why.
struct Keeper {
    dependency: &'static str,
    crates: &'static [&'static str],
    why: &'static str,
}

const KEEPERS: &[Keeper] = &[
    Keeper {
        dependency: "sled",
        // The benches measure the bare store beside the house's log.
        crates: &["guichet-benches", "guichet-sled"],
        why: "the store is hidden behind the log's port",
    },
    Keeper {
        dependency: "bincode",
        crates: &["guichet-log"],
        why: "only the codec turns payloads into bytes",
    },
    Keeper {
        dependency: "lz4_flex",
        crates: &["guichet-log", "guichet-sled"],
        why: "only the log's format is compressed",
    },
    Keeper {
        dependency: "tokio",
        crates: &[
            "guichet",
            "guichet-benches",
            "guichet-cli",
            "guichet-log",
            "guichet-server",
            "guichet-sled",
        ],
        why: "what is decided, counted or read from files needs no runtime",
    },
    Keeper {
        dependency: "async-trait",
        crates: &[
            "guichet",
            "guichet-benches",
            "guichet-log",
            "guichet-server",
            "guichet-sled",
        ],
        why: "only the ports are asynchronous",
    },
    Keeper {
        dependency: "axum",
        crates: &["guichet-server"],
        why: "only the server speaks HTTP",
    },
    Keeper {
        dependency: "clap",
        crates: &["guichet-audit", "guichet-cli", "guichet-terminal"],
        why: "only tools have arguments",
    },
    Keeper {
        dependency: "quick-xml",
        crates: &["guichet-cli"],
        why: "only the import reads XML",
    },
    Keeper {
        dependency: "serde-saphyr",
        crates: &["guichet-catalogue", "guichet-cli"],
        why: "YAML is how people write catalogues and mappings, never how the house stores them",
    },
];

/// Features of jiff that neither tell the time nor look for zones on the machine.
const CORE_JIFF_FEATURES: &[&str] = &["alloc", "serde", "std", "tzdb-bundle-always"];

/// A crate of the workspace with what its manifest names.
struct Crate {
    name: String,
    arrows: Vec<Arrow>,
}

/// One dependency as a manifest names it.
struct Arrow {
    to: String,
    ships: bool,
    optional: bool,
    default_features: bool,
    features: Vec<String>,
}

/// What is wrong with the arrows of the workspace at `root`, one sentence each.
pub(crate) fn check_workspace(root: &Path) -> Result<Vec<String>, String> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .map_err(|error| format!("cargo metadata cannot be read: {error}"))?;
    let crates: Vec<Crate> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| Crate {
            name: package.name.to_string(),
            arrows: package
                .dependencies
                .iter()
                .map(|dependency| Arrow {
                    to: dependency.name.clone(),
                    ships: dependency.kind != DependencyKind::Development,
                    optional: dependency.optional,
                    default_features: dependency.uses_default_features,
                    features: dependency.features.clone(),
                })
                .collect(),
        })
        .collect();
    Ok(check(&crates))
}

fn check(crates: &[Crate]) -> Vec<String> {
    let mut findings = Vec::new();
    for member in crates {
        match LAYERS.iter().find(|layer| layer.name == member.name) {
            Some(layer) => {
                findings.extend(member.arrows.iter().filter_map(|arrow| check_arrow(layer, arrow)));
            }
            None => findings.push(format!(
                "{} has no layer: say in crates/xtask/src/layers.rs what it may use",
                member.name
            )),
        }
    }
    findings
}

fn check_arrow(layer: &Layer, arrow: &Arrow) -> Option<String> {
    let (from, to) = (layer.name, arrow.to.as_str());
    if HOSTS.contains(&to) {
        return Some(format!(
            "{from} may not depend on {to}: nothing is built upon a host"
        ));
    }
    if !arrow.ships {
        return None;
    }
    if LAYERS.iter().any(|other| other.name == to) {
        return check_house(layer, arrow);
    }
    if let Some(keeper) = KEEPERS.iter().find(|keeper| keeper.dependency == to)
        && !keeper.crates.contains(&from)
    {
        return Some(format!(
            "{from} may not depend on {to}: {}; only {} may",
            keeper.why,
            keeper.crates.join(", ")
        ));
    }
    if let Others::Only(allowed) = layer.others
        && !allowed.contains(&to)
    {
        return Some(format!(
            "{from} may not depend on {to}: from outside the house it may use only {}",
            allowed.join(", ")
        ));
    }
    if from == "guichet-core" && to == "jiff" {
        return check_core_jiff(arrow);
    }
    None
}

fn check_house(layer: &Layer, arrow: &Arrow) -> Option<String> {
    let (from, to) = (layer.name, arrow.to.as_str());
    if !layer.house.contains(&to) {
        let allowed = if layer.house.is_empty() {
            "no other crate".to_owned()
        } else {
            format!("only {}", layer.house.join(", "))
        };
        return Some(format!(
            "{from} may not depend on {to}: of the house it may use {allowed}"
        ));
    }
    if from == "guichet" && to == "guichet-sled" && !arrow.optional {
        return Some(format!(
            "{from} may depend on {to} only as an optional dependency: the engine runs over any log"
        ));
    }
    None
}

fn check_core_jiff(arrow: &Arrow) -> Option<String> {
    let other = arrow
        .features
        .iter()
        .find(|feature| !CORE_JIFF_FEATURES.contains(&feature.as_str()));
    match (arrow.default_features, other) {
        (true, _) => Some(
            "guichet-core may not use jiff's default features: they read the machine's clock zone".to_owned(),
        ),
        (false, Some(feature)) => Some(format!(
            "guichet-core may not use jiff's feature {feature}: only {}",
            CORE_JIFF_FEATURES.join(", ")
        )),
        (false, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow(to: &str) -> Arrow {
        Arrow {
            to: to.to_owned(),
            ships: true,
            optional: false,
            default_features: false,
            features: Vec::new(),
        }
    }

    fn findings(name: &str, arrow: Arrow) -> Vec<String> {
        check(&[Crate {
            name: name.to_owned(),
            arrows: vec![arrow],
        }])
    }

    #[test]
    fn the_house_keeps_its_layers() {
        assert_eq!(check_workspace(&crate::root()), Ok(Vec::new()));
    }

    #[test]
    fn an_arrow_to_the_left_is_fine() {
        for (from, to) in [
            ("guichet-log", "guichet-core"),
            ("guichet-sled", "guichet-log"),
            ("guichet-stats", "guichet-log"),
            ("guichet-catalogue", "guichet-core"),
            ("guichet-cli", "guichet"),
            ("guichet-core", "serde"),
            ("guichet-sled", "sled"),
            ("guichet-log", "bincode"),
        ] {
            assert_eq!(findings(from, arrow(to)), [""; 0], "{from} to {to}");
        }
    }

    #[test]
    fn an_arrow_drawn_the_wrong_way_is_refused() {
        assert_eq!(
            findings("guichet-core", arrow("guichet-log")),
            ["guichet-core may not depend on guichet-log: of the house it may use no other crate"]
        );
        assert_eq!(
            findings("guichet-stats", arrow("guichet-sled")),
            [
                "guichet-stats may not depend on guichet-sled: of the house it may use only guichet-core, guichet-log"
            ]
        );
        for (from, to) in [
            ("guichet-log", "guichet-catalogue"),
            ("guichet-log", "guichet"),
            ("guichet-catalogue", "guichet-log"),
            ("guichet-sled", "guichet"),
            ("guichet", "guichet-audit"),
            ("guichet-audit", "guichet"),
        ] {
            assert_eq!(findings(from, arrow(to)).len(), 1, "{from} to {to}");
        }
    }

    #[test]
    fn core_may_not_name_what_knows_a_disk_a_runtime_or_a_format() {
        for to in ["tokio", "sled", "bincode", "async-trait", "serde_json", "rand"] {
            assert_eq!(findings("guichet-core", arrow(to)).len(), 1, "{to}");
        }
    }

    #[test]
    fn core_may_not_turn_on_the_clock_of_jiff() {
        let with_defaults = Arrow {
            default_features: true,
            ..arrow("jiff")
        };
        assert_eq!(
            findings("guichet-core", with_defaults),
            ["guichet-core may not use jiff's default features: they read the machine's clock zone"]
        );
        let with_zones = Arrow {
            features: vec!["std".to_owned(), "tz-system".to_owned()],
            ..arrow("jiff")
        };
        assert_eq!(
            findings("guichet-core", with_zones),
            ["guichet-core may not use jiff's feature tz-system: only alloc, serde, std, tzdb-bundle-always"]
        );
    }

    #[test]
    fn only_the_keeper_of_a_dependency_may_name_it() {
        assert_eq!(
            findings("guichet", arrow("sled")),
            [
                "guichet may not depend on sled: the store is hidden behind the log's port; \
                 only guichet-benches, guichet-sled may"
            ]
        );
        for (from, to) in [
            ("guichet-sled", "bincode"),
            ("guichet-catalogue", "tokio"),
            ("guichet-cli", "axum"),
            ("guichet", "clap"),
        ] {
            assert_eq!(findings(from, arrow(to)).len(), 1, "{from} to {to}");
        }
    }

    #[test]
    fn the_engine_names_its_store_only_as_an_option() {
        assert_eq!(
            findings("guichet", arrow("guichet-sled")),
            [
                "guichet may depend on guichet-sled only as an optional dependency: the engine runs over any log"
            ]
        );
        let optional = Arrow {
            optional: true,
            ..arrow("guichet-sled")
        };
        assert_eq!(findings("guichet", optional), [""; 0]);
    }

    #[test]
    fn a_test_may_look_anywhere_but_at_a_host() {
        let from_tests = |to| Arrow {
            ships: false,
            ..arrow(to)
        };
        assert_eq!(findings("guichet-core", from_tests("serde_json")), [""; 0]);
        assert_eq!(
            findings("guichet-core", from_tests("guichet-cli")),
            ["guichet-core may not depend on guichet-cli: nothing is built upon a host"]
        );
    }

    #[test]
    fn a_crate_without_a_layer_is_a_finding() {
        assert_eq!(
            findings("guichet-cloud", arrow("serde")),
            ["guichet-cloud has no layer: say in crates/xtask/src/layers.rs what it may use"]
        );
    }
}
