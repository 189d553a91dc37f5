//! Imports into projects that have manifests and have lost their state: nothing is made a second time, and nothing that
//! was written is lost.

use crate::support::{Project, Sandbox};
use serde_json::{Value, json};

const SETTLED: [&str; 2] = ["plan", "--detailed-exitcode"];
const STATE: &str = ".infield/bench";

fn made(sandbox: &Sandbox, title: &str) -> String {
    let body = json!({
        "survey_title": title, "survey_category_code": 232, "survey_localization": "en_US", "completes_required": 300,
        "expected_ir": 40, "expected_loi": 9, "field_time": 12, "offer_price": 2.35,
        "live_url": "https://survey.example.com/a?tk=[%%token%%]&n=1",
    });
    let answer = sandbox.by_hand("POST", "/surveys", body);
    let id = answer["ps_survey_id"]
        .as_u64()
        .or(answer["survey"]["ps_survey_id"].as_u64());
    id.unwrap().to_string()
}

fn manifests(project: &Project) -> Vec<String> {
    let mut files: Vec<String> = std::fs::read_dir(project.folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml") && name != "infield.yaml")
        .collect();
    files.sort();
    files
}

fn lose_state(project: &Project) {
    std::fs::remove_dir_all(project.folder().join(STATE)).unwrap();
}

#[test]
fn a_manifest_that_may_mean_it_keeps_a_survey_from_being_imported_beside_it() {
    let sandbox = Sandbox::start();
    let id = made(&sandbox, "Soda");
    let project = Project::empty().with(&sandbox);
    let import = ["import", "--vendor", "purespectrum", "--id", &id];
    project.ok(&import);
    lose_state(&project);
    sandbox.forget();
    let adopt = format!("`infield state resolve soda --adopt {id}`");
    project
        .run(&import)
        .code(1)
        .says("soda.yaml has `soda`, which may be this one and is not remembered: a plan would make it once more")
        .says(&adopt)
        .never_says("nothing to do");
    project
        .run(&[&import[..], &["--name", "soda"]].concat())
        .code(1)
        .says("`soda` is taken by another survey or group")
        .says(&adopt);
    assert_eq!(manifests(&project), ["soda.yaml"]);
    project.ok(&["state", "resolve", "soda", "--adopt", &id]);
    project.ok(&SETTLED).says("Nothing to do");
    // A manifest may have it under a name of its own.
    lose_state(&project);
    let text = project.read("soda.yaml").replace("name: soda", "name: w3");
    project.remove("soda.yaml");
    project.write("w3.yaml", &text);
    for force in [&[][..], &["--force"]] {
        project
            .run(&[&import[..], force].concat())
            .code(1)
            .says("w3.yaml has `w3`, which may be this one");
        project
            .run(&[&["import", "--all"][..], force].concat())
            .code(1)
            .says("w3.yaml has `w3`, which may be this one");
    }
    // Who says that it is another one is believed.
    project.ok(&[&import[..], &["--name", "other"]].concat());
    project.ok(&["state", "list"]).says("other").never_says("w3");
    assert_eq!(sandbox.writes(), Vec::<Value>::new());
}

#[test]
fn with_force_a_manifest_whose_survey_is_forgotten_is_written_anew() {
    let sandbox = Sandbox::start();
    let ids = [made(&sandbox, "Soda"), made(&sandbox, "Tea")];
    let project = Project::empty().with(&sandbox);
    project.ok(&["import", "--all"]);
    let before = project.read("soda.yaml");
    lose_state(&project);
    sandbox.forget();
    project.edit("soda.yaml", "completes: 300", "completes: 299");
    // A preview shows of files that are there what would change in them, and nothing else of them.
    let changed = "-completes: 299\n+completes: 300\n";
    let shown = project.ok(&["import", "--all", "--force", "--preview"]);
    assert!(
        shown.stdout.starts_with("--- soda.yaml\n+++ soda.yaml\n@@ "),
        "{shown:?}"
    );
    assert!(shown.stdout.contains(changed), "{shown:?}");
    assert!(
        !shown.stdout.contains("Tea") && !shown.stdout.contains("kind:"),
        "{shown:?}"
    );
    assert!(shown.stderr.contains("tea.yaml would stay as it is"), "{shown:?}");
    assert_ne!(project.read("soda.yaml"), before);
    project
        .ok(&["import", "--all", "--force"])
        .says("--- soda.yaml\n+++ soda.yaml\n@@ ")
        .says(changed)
        .says("imported 2 surveys; `infield plan` has nothing to do for them");
    assert_eq!(manifests(&project), ["soda.yaml", "tea.yaml"]);
    assert_eq!(project.read("soda.yaml"), before);
    project.ok(&SETTLED).says("Nothing to do");
    // A file that holds more than the one survey is left alone.
    lose_state(&project);
    let both = format!("{}---\n{}", project.read("soda.yaml"), project.read("tea.yaml"));
    project.remove("tea.yaml");
    project.write("soda.yaml", &both);
    project
        .run(&["import", "--all", "--force"])
        .code(1)
        .says("soda.yaml has `soda`, which may be this one")
        .says("soda.yaml has `tea`, which may be this one");
    assert_eq!(project.read("soda.yaml"), both);
    // Nor is one that is no manifest.
    project.remove("soda.yaml");
    project.write("soda.yaml", "soda: [\n");
    let one = ["import", "--vendor", "purespectrum", "--id", &ids[0], "--force"];
    project
        .run(&one)
        .code(1)
        .says("is not the manifest of `soda` alone, so that even --force leaves it");
    assert_eq!(project.read("soda.yaml"), "soda: [\n");
    assert_eq!(sandbox.writes(), Vec::<Value>::new());
}

#[test]
fn no_survey_takes_the_file_of_the_project_or_of_defaults() {
    let sandbox = Sandbox::start();
    let (project_id, defaults_id) = (made(&sandbox, "infield"), made(&sandbox, "Defaults!"));
    let project = Project::empty().with(&sandbox);
    let before = project.read("infield.yaml");
    project
        .run(&[
            "import",
            "--vendor",
            "purespectrum",
            "--id",
            &project_id,
            "--name",
            "defaults",
        ])
        .code(64)
        .says("defaults.yaml is no file for a survey");
    project.ok(&["import", "--all", "--force"]);
    assert_eq!(
        manifests(&project),
        [
            format!("defaults-{defaults_id}.yaml"),
            format!("infield-{project_id}.yaml")
        ]
    );
    assert_eq!(project.read("infield.yaml"), before);
    project.ok(&SETTLED).says("Nothing to do");
}

#[test]
fn what_a_default_would_set_is_null_in_what_lacks_it() {
    let sandbox = Sandbox::start();
    made(&sandbox, "Soda");
    let project = Project::empty().with(&sandbox);
    project.write(
        "s/defaults.yaml",
        "kind: Defaults\npurespectrum: {buyer_message: hi}\n",
    );
    project.ok(&["import", "--all", "--into", "s"]);
    let soda = project.read("s/soda.yaml");
    assert!(
        soda.contains("# `purespectrum.buyer_message` is null, since a default would give it a value\n"),
        "{soda}"
    );
    assert!(soda.contains("buyer_message: null"), "{soda}");
    project.ok(&SETTLED).says("Nothing to do");
}
