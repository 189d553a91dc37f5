//! Jobs of the GitHub workflow: conditions, steps, the composite action, artifacts and summaries.

use super::expression::{holds, interpolate};
use super::forge::{Forge, action, yaml};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// How a run went.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether every job that ran succeeded.
    pub(super) ok: bool,
    /// What was said, and what annotations are read from.
    pub(super) log: String,
    /// What people see of the run.
    pub(super) summary: String,
}

/// A job at work.
struct Job<'a> {
    forge: &'a Forge,
    workspace: PathBuf,
    run: String,
    outcome: Outcome,
}

impl Forge {
    /// The event of a pull request that was opened or pushed to.
    pub(super) fn open_pull_request(&self, head: &str, own: bool) -> Value {
        let home = if own { "acme/surveys" } else { "somebody/surveys" };
        json!({
            "event_name": "pull_request", "repository": "acme/surveys", "sha": head, "token": "t",
            "event": {
                "action": "synchronize",
                "repository": {"default_branch": "main"},
                "pull_request": {
                    "number": 7, "merged": false, "base": {"ref": "main"},
                    "head": {"sha": head, "repo": {"full_name": home}},
                },
            },
        })
    }

    /// The push to the default branch that the merge of that pull request is, after doing so.
    pub(super) fn merge(&self, opened: &Value) -> Value {
        let head = opened["sha"].as_str().unwrap();
        let commit = self.merge_commit(head);
        fs::write(self.path("pulls").join(&commit), head).unwrap();
        json!({
            "event_name": "push", "repository": "acme/surveys", "sha": commit, "token": "t", "ref_name": "main",
            "event": {"repository": {"default_branch": "main"}},
        })
    }

    /// The event of the schedule.
    pub(super) fn night(&self) -> Value {
        json!({"event_name": "schedule", "repository": "acme/surveys", "sha": "main", "token": "t", "event": {}})
    }

    /// Lets runs be those of another workflow of the examples.
    pub(super) fn uses(&self, workflow: &'static str) {
        self.workflow.set(workflow);
    }

    fn workflow(&self) -> Value {
        yaml(&format!("github/workflows/{}", self.workflow.get()))
    }

    fn context(&self, github: &Value) -> Value {
        // What runs for a pull request from a fork gets none, whatever became of it.
        let home = &github["event"]["pull_request"]["head"]["repo"]["full_name"];
        let of_a_fork = home.is_string() && *home != github["repository"];
        let secrets = if self.has_secrets() && !of_a_fork {
            json!({"PURESPECTRUM_TOKEN": "sandbox"})
        } else {
            json!({})
        };
        let env = self.workflow()["env"].clone();
        json!({"github": github, "env": env, "secrets": secrets, "needs": {}, "steps": {},
            "runner": {"os": "Linux", "arch": "X64"}})
    }

    /// The jobs that start at once for an event.
    pub(super) fn jobs(&self, github: &Value) -> Vec<String> {
        let workflow = self.workflow();
        let context = self.context(github);
        let jobs = workflow["jobs"].as_object().unwrap().iter();
        jobs.filter(|(_, job)| job["needs"].is_null() && holds(&job["if"], &context))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Runs these jobs one after the other, until one fails. A job that is run again gets what those before it left.
    pub(super) fn run(&self, jobs: &[&str], github: &Value) -> Outcome {
        let workflow = self.workflow();
        let event = github["event_name"].as_str().unwrap();
        let head = github["event"]["pull_request"]["head"]["sha"].as_str();
        let run = format!("{event}-{}", head.or(github["sha"].as_str()).unwrap());
        let mut context = self.context(github);
        let needs = self.path("runs").join(format!("needs-{run}"));
        if let Ok(left) = fs::read_to_string(&needs) {
            context["needs"] = left.parse().unwrap();
        }
        let mut whole = Outcome {
            ok: true,
            ..Outcome::default()
        };
        for name in jobs {
            let body = &workflow["jobs"][*name];
            assert!(holds(&body["if"], &context), "{name} does not run for this event");
            let folder = tempfile::tempdir_in(self.path("")).unwrap();
            let mut job = Job {
                forge: self,
                workspace: folder.path().to_owned(),
                run: run.clone(),
                outcome: Outcome::default(),
            };
            context["steps"] = json!({});
            let ok = job.steps(body["steps"].as_array().unwrap(), &mut context, &Map::new());
            whole.log.push_str(&job.outcome.log);
            whole.summary.push_str(&job.outcome.summary);
            let outputs = body["outputs"].as_object().into_iter().flatten();
            let outputs: Map<String, Value> = outputs
                .map(|(key, value)| (key.clone(), interpolate(value.as_str().unwrap(), &context).into()))
                .collect();
            context["needs"][*name] = json!({ "outputs": outputs });
            fs::write(&needs, context["needs"].to_string()).unwrap();
            if !ok {
                whole.ok = false;
                break;
            }
        }
        // A run is found by its event, and a good one by its commit.
        fs::write(self.path("runs").join(event), &run).unwrap();
        if let Some(head) = head.filter(|_| whole.ok) {
            fs::write(self.path("runs").join(head), &run).unwrap();
        }
        whole
    }

    /// As [`Forge::run`], and expects it to succeed.
    pub(super) fn run_ok(&self, jobs: &[&str], github: &Value) -> Outcome {
        let outcome = self.run(jobs, github);
        assert!(outcome.ok, "{jobs:?}\n{}\n{}", outcome.log, outcome.summary);
        outcome
    }

    /// Where an artifact of that name is.
    pub(super) fn artifact(&self, name: &str) -> PathBuf {
        let mut runs = fs::read_dir(self.path("artifacts"))
            .unwrap()
            .map(|run| run.unwrap().path());
        runs.find(|run| run.join(name).exists()).unwrap().join(name)
    }

    /// Lets all artifacts expire.
    pub(super) fn forget_artifacts(&self) {
        fs::remove_dir_all(self.path("artifacts")).unwrap();
        fs::create_dir(self.path("artifacts")).unwrap();
    }
}

impl Job<'_> {
    /// Runs steps until one fails. `env` is what the step that uses an action hands down.
    fn steps(&mut self, steps: &[Value], context: &mut Value, env: &Map<String, Value>) -> bool {
        for step in steps {
            if !holds(&step["if"], context) {
                continue;
            }
            let mut env = env.clone();
            for (name, value) in step["env"].as_object().into_iter().flatten() {
                env.insert(name.clone(), interpolate(value.as_str().unwrap(), context).into());
            }
            let with = |name: &str| interpolate(step["with"][name].as_str().unwrap_or_default(), context);
            let mut outputs = Map::new();
            let ok = match step["uses"].as_str().map(|uses| uses.split('@').next().unwrap()) {
                None => self.script(step, context, &env, &mut outputs),
                Some("actions/checkout") => {
                    let wanted = Some(with("ref")).filter(|wanted| !wanted.is_empty());
                    let commit = wanted
                        .unwrap_or_else(|| super::at(context, "github.sha").as_str().unwrap().to_owned());
                    let copy = self.forge.checkout(&commit);
                    move_into(copy.path(), &self.workspace);
                    true
                }
                Some("actions/upload-artifact") => {
                    let kept = self.kept(&with("name"));
                    fs::create_dir_all(&kept).unwrap();
                    let from = self.workspace.join(with("path"));
                    if from.is_dir() {
                        crate::support::copy(&from, &kept);
                    } else {
                        fs::copy(&from, kept.join(from.file_name().unwrap())).unwrap();
                    }
                    true
                }
                Some("actions/download-artifact") => {
                    let to = self.workspace.join(with("path"));
                    fs::create_dir_all(&to).unwrap();
                    crate::support::copy(&self.kept(&with("name")), &to);
                    true
                }
                Some("actions/cache") => true,
                Some("example/infield") => self.action(step, context, &env, &mut outputs),
                Some(other) => panic!("what is {other}?"),
            };
            if let Some(id) = step["id"].as_str() {
                context["steps"][id] = json!({ "outputs": outputs });
            }
            if !ok {
                return false;
            }
        }
        true
    }

    fn kept(&self, name: &str) -> PathBuf {
        self.forge.path("artifacts").join(&self.run).join(name)
    }

    /// The project's composite action, with its own inputs and steps.
    fn action(
        &mut self,
        step: &Value,
        context: &Value,
        env: &Map<String, Value>,
        outputs: &mut Map<String, Value>,
    ) -> bool {
        let action = action();
        let mut inputs = Map::new();
        for (name, input) in action["inputs"].as_object().unwrap() {
            let usual = input["default"].as_str().unwrap_or_default();
            inputs.insert(name.clone(), interpolate(usual, context).into());
        }
        for (name, value) in self.forge.over(&step["with"]) {
            assert!(inputs.contains_key(&name), "the action has no input {name}");
            inputs.insert(name, interpolate(value.as_str().unwrap(), context).into());
        }
        // An action sees no secrets, only what it is given.
        let mut inner =
            json!({"github": context["github"], "runner": context["runner"], "inputs": inputs, "steps": {}});
        let ok = self.steps(action["runs"]["steps"].as_array().unwrap(), &mut inner, env);
        for (name, output) in action["outputs"].as_object().unwrap() {
            outputs.insert(
                name.clone(),
                interpolate(output["value"].as_str().unwrap(), &inner).into(),
            );
        }
        ok
    }

    fn script(
        &mut self,
        step: &Value,
        context: &Value,
        env: &Map<String, Value>,
        outputs: &mut Map<String, Value>,
    ) -> bool {
        let (output_file, summary_file) = (self.forge.path("output"), self.forge.path("summary"));
        for file in [&output_file, &summary_file] {
            fs::write(file, "").unwrap();
        }
        let mut shell = self.forge.shell("bash", &self.workspace);
        for (name, value) in context["env"].as_object().into_iter().flatten().chain(env) {
            shell.env(name, value.as_str().unwrap());
        }
        shell
            .env(
                "GITHUB_REPOSITORY",
                super::at(context, "github.repository").as_str().unwrap(),
            )
            .env(
                "GITHUB_WORKFLOW_REF",
                "acme/surveys/.github/workflows/infield.yml@refs/heads/main",
            )
            .env("GITHUB_WORKSPACE", &self.workspace)
            .env("GITHUB_OUTPUT", &output_file)
            .env("GITHUB_STEP_SUMMARY", &summary_file)
            .args(["--noprofile", "--norc", "-e"]);
        if step["shell"] == "bash" {
            shell.args(["-o", "pipefail"]);
        }
        let done = shell
            .args(["-c", step["run"].as_str().unwrap()])
            .output()
            .unwrap();
        self.outcome.log.push_str(&String::from_utf8_lossy(&done.stdout));
        self.outcome.log.push_str(&String::from_utf8_lossy(&done.stderr));
        self.outcome
            .summary
            .push_str(&fs::read_to_string(summary_file).unwrap());
        for line in fs::read_to_string(output_file).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            outputs.insert(name.to_owned(), value.into());
        }
        done.status.success()
    }
}

fn move_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::rename(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
