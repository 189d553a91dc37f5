//! Jobs of the GitLab component: their scripts, with the variables that GitLab sets, in a copy of a commit.

use super::forge::{Forge, component, yaml};
use serde_json::{Map, Value};
use std::fs;

/// A component's jobs as GitLab reads them with these inputs.
fn included(given: &Map<String, Value>) -> Value {
    let [head, jobs] = component();
    let mut inputs = Map::new();
    let known = head["spec"]["inputs"].as_object().unwrap();
    for name in given.keys() {
        assert!(known.contains_key(name), "the component has no input {name}");
    }
    for (name, input) in known {
        let value = given.get(name).or_else(|| input.get("default"));
        inputs.insert(name.clone(), value.unwrap_or_else(|| panic!("no {name}")).clone());
    }
    filled(jobs, &inputs)
}

/// The value with inputs in their places, in keys and in texts.
fn filled(value: Value, inputs: &Map<String, Value>) -> Value {
    let text = |text: &str| {
        let fill = |text: String, (name, value): (&String, &Value)| {
            text.replace(&format!("$[[ inputs.{name} ]]"), value.as_str().unwrap())
        };
        let text = inputs.iter().fold(text.to_owned(), fill);
        assert!(!text.contains("$[["), "{text}");
        text
    };
    match value {
        Value::String(one) => text(&one).into(),
        Value::Array(all) => all.into_iter().map(|one| filled(one, inputs)).collect(),
        Value::Object(all) => {
            let all = all.into_iter();
            Value::Object(all.map(|(key, one)| (text(&key), filled(one, inputs))).collect())
        }
        other => other,
    }
}

impl Forge {
    /// Runs a job on a commit and keeps its artifacts.
    pub(super) fn gitlab(&self, job: &str, commit: &str) -> Result<String, String> {
        let example = yaml("gitlab/gitlab-ci.yml");
        let template = included(&self.over(&example["include"][0]["inputs"]));
        let folder = self.checkout(commit);
        let script: Vec<&str> = template[job]["script"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect();
        for need in template[job]["needs"].as_array().into_iter().flatten() {
            let kept = self.path("gitlab").join(need.as_str().unwrap());
            crate::support::copy(&kept, folder.path());
        }
        let mut shell = self.shell("sh", folder.path());
        let base = template[job]["extends"].as_str().unwrap();
        for (name, value) in template[base]["variables"].as_object().unwrap() {
            shell.env(name, value.as_str().unwrap());
        }
        for (name, value) in [
            ("CI_API_V4_URL", "https://gitlab.example.com/api/v4"),
            ("CI_PROJECT_ID", "42"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
            ("CI_PROJECT_DIR", folder.path().to_str().unwrap()),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_COMMIT_SHA", commit),
            ("CI_DEFAULT_BRANCH", "main"),
        ] {
            shell.env(name, value);
        }
        if self.has_secrets() {
            shell
                .env("PURESPECTRUM_TOKEN", "sandbox")
                .env("INFIELD_API_TOKEN", "t");
        }
        let output = shell.args(["-ec", &script.join("\n")]).output().unwrap();
        let kept = self.path("gitlab").join(job);
        let when = template[job]["artifacts"]["when"].as_str();
        if output.status.success() || when == Some("always") {
            for path in template[job]["artifacts"]["paths"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let path = path.as_str().unwrap().trim_end_matches('/');
                let (from, to) = (folder.path().join(path), kept.join(path));
                if from.is_dir() {
                    fs::create_dir_all(&to).unwrap();
                    crate::support::copy(&from, &to);
                } else if from.exists() {
                    fs::create_dir_all(&kept).unwrap();
                    fs::copy(from, to).unwrap();
                }
            }
        }
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        if output.status.success() {
            Ok(said)
        } else {
            Err(said)
        }
    }
}
