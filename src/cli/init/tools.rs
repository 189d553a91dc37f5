//! What a new project has beside its manifests, for those who wish for it: pipelines and settings of editors.

use crate::manifest::starter::{self, StarterFile};
use camino::Utf8Path;

/// A forge with pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Ci {
    /// GitHub Actions
    Github,
    /// GitLab
    Gitlab,
}

/// The workflow that plans, applies and looks for drift.
const GITHUB: &str = include_str!("../../../examples/ci/github/workflows/short.yml");

/// The component for GitLab that does the same.
const GITLAB: &str = include_str!("../../../templates/infield.yml");

/// What stands before the name of a variable that a workflow takes from a secret.
const SECRET: &str = ": ${{ secrets.";

impl Ci {
    /// What there is to choose from.
    pub(super) const OFFERED: [(&str, &str); 3] = [
        ("none", "no pipeline for now"),
        (
            "github",
            "GitHub Actions: plan in pull requests, apply on merge, look for drift at night",
        ),
        ("gitlab", "the same for GitLab"),
    ];

    /// One of [`Self::OFFERED`].
    pub(super) fn of(place: usize) -> Option<Self> {
        [None, Some(Self::Github), Some(Self::Gitlab)]
            .get(place)
            .copied()
            .flatten()
    }

    /// The files, relative to the project; they belong into the folder of the repository. `variables` hold the secrets.
    pub(super) fn files(self, project: &Utf8Path, variables: &[&str]) -> Vec<StarterFile> {
        let inside = project.ancestors().find(|folder| folder.join(".git").exists());
        let below = inside.and_then(|top| project.strip_prefix(top).ok());
        let below = below.filter(|below| !below.as_str().is_empty());
        let up = below.map_or_else(String::new, |below| "../".repeat(below.components().count()));
        let surveys = match below {
            Some(below) => format!("{}/{}", below.as_str().replace('\\', "/"), starter::SURVEYS),
            None => starter::SURVEYS.to_owned(),
        };
        match self {
            Self::Github => vec![(
                format!("{up}.github/workflows/infield.yml"),
                github(&surveys, variables),
            )],
            Self::Gitlab => {
                let include = format!(
                    "include:\n  - local: .gitlab/infield.yml\n    inputs:\n      image: registry.example.com/infield:shell\n      \
                     paths: {surveys}\n      environment: production\n      allow: launch\n"
                );
                vec![
                    (format!("{up}.gitlab/infield.yml"), GITLAB.to_owned()),
                    (format!("{up}.gitlab-ci.yml"), include),
                ]
            }
        }
    }

    /// What is left to do.
    pub(super) fn next(self) -> &'static str {
        match self {
            Self::Github => {
                "the workflow wants an environment `production` with `state` in infield.yaml, its secrets, and the commit of \
                 infield where it says 0000"
            }
            Self::Gitlab => {
                "the pipeline wants an environment `production` with `state` in infield.yaml, an image with infield, and the \
                 variables that the head of .gitlab/infield.yml names"
            }
        }
    }
}

/// The workflow with the secrets of the marketplaces that are used.
fn github(surveys: &str, variables: &[&str]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in GITHUB.lines() {
        match line.split_once(SECRET) {
            None => lines.push(line.replace("paths: surveys,", &format!("paths: {surveys},"))),
            Some((name, _)) => {
                let indent = &name[..name.len() - name.trim_start().len()];
                let all = variables.iter();
                lines.extend(all.map(|variable| format!("{indent}{variable}{SECRET}{variable} }}}}")));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// An editor with settings in the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Editor {
    /// Visual Studio Code
    Vscode,
    /// Neovim 0.11 or newer, with `:set exrc`
    Neovim,
    /// Helix
    Helix,
    /// Zed
    Zed,
}

impl Editor {
    /// What there is to choose from.
    pub(super) const OFFERED: [(&str, &str); 5] = [
        ("none", "no settings for now"),
        ("vscode", "Visual Studio Code"),
        ("neovim", "Neovim 0.11 or newer, with `:set exrc`"),
        ("helix", "Helix"),
        ("zed", "Zed"),
    ];

    /// One of [`Self::OFFERED`].
    pub(super) fn of(place: usize) -> Option<Self> {
        let all = [Self::Vscode, Self::Neovim, Self::Helix, Self::Zed];
        all.get(place.checked_sub(1)?).copied()
    }

    /// Its files, relative to the project.
    pub(super) fn files(self) -> Vec<StarterFile> {
        let file = |path: &str, text: &str| (path.to_owned(), text.replace("\"../schemas/", "\"./schemas/"));
        match self {
            Self::Vscode => vec![
                file(
                    ".vscode/settings.json",
                    include_str!("../../../examples/.vscode/settings.json"),
                ),
                file(
                    ".vscode/extensions.json",
                    include_str!("../../../examples/.vscode/extensions.json"),
                ),
            ],
            Self::Neovim => vec![file(".nvim.lua", NEOVIM)],
            Self::Helix => vec![file(".helix/languages.toml", HELIX)],
            Self::Zed => vec![file(".zed/settings.json", ZED)],
        }
    }
}

const NEOVIM: &str = "\
vim.lsp.config('yamlls', {
  cmd = { 'yaml-language-server', '--stdio' },
  filetypes = { 'yaml' },
  root_markers = { 'infield.yaml', '.git' },
  settings = { yaml = { schemas = { ['./schemas/manifest.schema.json'] = '*.yaml' } } },
})
vim.lsp.config('infield', {
  cmd = { 'infield', 'lsp' },
  filetypes = { 'yaml' },
  root_markers = { 'infield.yaml', '.git' },
})
vim.lsp.enable({ 'yamlls', 'infield' })
";

const HELIX: &str = r#"[language-server.infield]
command = "infield"
args = ["lsp"]

[language-server.yaml-language-server.config.yaml]
format = { enable = false }
schemas = { "./schemas/manifest.schema.json" = "*.yaml" }

[[language]]
name = "yaml"
language-servers = ["infield", "yaml-language-server"]
"#;

const ZED: &str = r#"{
  "lsp": {
    "yaml-language-server": {
      "settings": { "yaml": { "schemas": { "./schemas/manifest.schema.json": ["*.yaml", "*.yml"] }, "format": { "enable": false } } }
    }
  },
  "languages": { "YAML": { "tab_size": 2 } }
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelines_know_the_secrets_and_where_the_surveys_are() {
        let dir = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(dir.path()).unwrap();
        let project = top.join("research/trackers");
        std::fs::create_dir_all(&project).unwrap();
        std::fs::create_dir(top.join(".git")).unwrap();
        let [(path, text)] = &Ci::Github.files(&project, &["A_ID", "A_SECRET"])[..] else {
            panic!("one workflow");
        };
        assert_eq!(path, "../../.github/workflows/infield.yml");
        assert!(text.contains("paths: research/trackers/surveys,"), "{text}");
        assert!(
            text.contains(
                "          A_ID: ${{ secrets.A_ID }}\n          A_SECRET: ${{ secrets.A_SECRET }}\n"
            ),
            "{text}"
        );
        assert_eq!(text.matches("secrets.").count(), 2, "{text}");
        let files = Ci::Gitlab.files(top, &["A_ID", "A_SECRET"]);
        assert_eq!(files[1].0, ".gitlab-ci.yml");
        assert_eq!(
            (files[0].0.as_str(), files[0].1.as_str()),
            (".gitlab/infield.yml", GITLAB)
        );
        assert!(files[1].1.contains("      paths: surveys\n"), "{}", files[1].1);
        // Every input that it gives is one of the component.
        let inputs = files[1].1.split("inputs:\n").nth(1).unwrap().lines();
        for input in inputs.map(|line| line.trim().split(':').next().unwrap()) {
            assert!(GITLAB.contains(&format!("\n    {input}:\n")), "{input}");
        }
    }

    #[test]
    fn every_editor_that_is_offered_is_one() {
        let words: Vec<String> = (0..Editor::OFFERED.len())
            .map(|place| {
                Editor::of(place).map_or("none".to_owned(), |editor| format!("{editor:?}").to_lowercase())
            })
            .collect();
        assert_eq!(words, Editor::OFFERED.map(|(word, _)| word));
        for (path, text) in [Editor::Vscode, Editor::Zed].into_iter().flat_map(Editor::files) {
            assert!(!text.contains("../"), "{path}: {text}");
        }
    }
}
