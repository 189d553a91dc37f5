//! The files of a new project, for `infield init`.
//!
//! Promises: what is written here validates without a warning, and reaches no vendor until an environment is
//! configured and named.

/// A file to write: its path relative to the project, and its text.
pub type StarterFile = (&'static str, String);

/// All files of a new project of this name, in the order in which they are written.
///
/// The name has to be valid as in [`crate::model::Address::is_valid_name`].
pub fn files(project: &str) -> Vec<StarterFile> {
    vec![
        (super::PROJECT_FILE, project_file(project)),
        ("surveys/first-survey.yaml", SURVEY.to_owned()),
        (".gitignore", GITIGNORE.to_owned()),
    ]
}

fn project_file(project: &str) -> String {
    PROJECT.replace("PROJECT_NAME", project)
}

/// Lines that belong into the `.gitignore` of a project.
pub const GITIGNORE: &str = "\
# What the sandbox and local environments remember; shared environments keep their state elsewhere.
/.infield/
";

const PROJECT: &str = r#"# The project. Commands find this file from any folder below it.
kind: Project
name: PROJECT_NAME

# The environment `sandbox` is always there and is the default: nothing reaches a real vendor without
# `--env production`. Uncomment what follows when you have a token; it stays in an environment variable.
#
# environments:
#   production:
#     purespectrum:
#       token: "${PURESPECTRUM_TOKEN}"
#     # Where infield remembers what it has made. Whoever works without it would field everything again, so keep it
#     # where every clone and every pipeline finds it, before the first apply; `state: local` is this machine alone.
#     # state: s3://bucket/prefix             # or gs://bucket/prefix, az://container/prefix
#     guards:                                 # allow, ask or deny
#       launch: ask
#       close: deny
#       exposure:
#         max_increase: 500 USD               # most that one apply may add
"#;

const SURVEY: &str = r#"# A survey. What is left out is not managed: never compared and never reset.
kind: Survey
name: first-survey                 # its identity in git; do not rename it while it is in field
title: My first survey
locale: en-US
completes: 100                     # completed interviews wanted
incidence_rate: 50                 # percent of respondents who qualify
length_of_interview: 5             # minutes
field_days: 7
cpi: 2.50 USD                      # price per complete; `market` takes the vendor's market price
live_url: https://survey.example.com/s/first?tk=[%%token%%]
status: draft                      # draft, live, paused or closed; `live` starts to cost money
qualifications:                    # all must hold; answers within one are alternatives
  age: 18-64
quotas:                            # shares are apportioned so that their sum is exact
  - name: men
    completes: 49%
    where: {gender: male}
  - name: women
    completes: 51%
    where: {gender: female}
purespectrum:                      # the vendor that fields it, and what only this vendor has
  category: 232
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Options, load};

    #[test]
    fn a_new_project_validates() {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files("acme-trackers") {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let loaded = load(
            &[],
            &Options {
                base: dir.path().to_owned(),
            },
        );
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        assert_eq!(loaded.project.unwrap().name, "acme-trackers");
        assert_eq!(loaded.desired.surveys.len(), 1);
    }

    #[test]
    fn the_commented_part_is_valid_too() {
        let dir = tempfile::tempdir().unwrap();
        let text = project_file("acme");
        let (head, tail) = text.split_once("#\n").unwrap();
        let tail: String = tail
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or("")))
            .collect();
        std::fs::write(dir.path().join("infield.yaml"), format!("{head}{tail}")).unwrap();
        let loaded = load(
            &[],
            &Options {
                base: dir.path().to_owned(),
            },
        );
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        assert_eq!(loaded.project.unwrap().environments.len(), 1);
    }
}
