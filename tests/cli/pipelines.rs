//! The pipelines of `examples/ci`: their own scripts, run against the sandbox in a throwaway git repository, from the pull
//! request to the survey in field. What a hosting service does is imitated (`forge`): checkouts, artifacts, comments and
//! the conditions of jobs.

mod expression;
mod forge;
mod gitlab;
mod workflow;

use crate::support::{Sandbox, survey};
use forge::{Forge, programs_missing};
use serde_json::{Value, json};

const CHEAPER: (&str, &str) = ("2.50 USD", "2.40 USD");

/// A merged `main` with one survey, which is in field.
fn in_field(forge: &Forge, sandbox: &Sandbox) {
    forge.write("surveys/one.yaml", &survey("one", ""));
    let head = forge.branch("first");
    let number = forge.open_pull_request(&head, true);
    forge.run_ok(&["validate", "plan"], &number);
    let merged = forge.merge(&number);
    forge.run_ok(&["replan", "apply"], &merged);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn from_the_pull_request_to_the_field_and_no_further_than_was_reviewed() {
    let Some(forge) = start("git bash") else { return };
    let (forge, sandbox) = forge;
    forge.write("surveys/one.yaml", &survey("one", ""));
    let head = forge.branch("first");
    let pull_request = forge.open_pull_request(&head, true);
    assert_eq!(forge.jobs(&pull_request), ["validate", "plan"]);
    let run = forge.run_ok(&["validate", "plan"], &pull_request);
    assert!(
        run.summary.contains("1 to create, 1 to launch"),
        "{}",
        run.summary
    );
    assert!(run.log.contains("title=one%3A needs approval"), "{}", run.log);
    assert_eq!(forge.comments().len(), 1);
    assert!(forge.comments()[0].starts_with("<!-- infield:plan test/production "));
    assert!(forge.comments()[0].contains(" -->\n### infield plan"));
    assert_eq!(sandbox.count(), [0, 0, 0, 0], "a plan makes nothing");

    // Another push: the same comment says the new plan.
    forge.edit("surveys/one.yaml", "completes: 100", "completes: 120");
    let pull_request = forge.open_pull_request(&forge.branch("first"), true);
    forge.run_ok(&["plan"], &pull_request);
    assert_eq!(forge.comments().len(), 1);
    assert!(
        forge.comments()[0].contains("| `completes` |  | 120 |"),
        "{:?}",
        forge.comments()
    );

    let merged = forge.merge(&pull_request);
    assert_eq!(forge.jobs(&merged), ["replan"], "applying waits for it");
    let run = forge.run_ok(&["replan", "apply"], &merged);
    assert!(run.summary.contains("one: launched, in field"), "{}", run.summary);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    // Once more, as when somebody presses `re-run`: there is nothing left of that plan.
    sandbox.forget();
    let again = forge.run_ok(&["replan"], &merged);
    assert!(again.summary.contains("nothing to do"), "{}", again.summary);
    assert!(sandbox.writes().is_empty());
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn what_moved_after_the_review_is_not_applied() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    in_field(&forge, &sandbox);
    forge.edit("surveys/one.yaml", CHEAPER.0, CHEAPER.1);
    let pull_request = forge.open_pull_request(&forge.branch("cheaper"), true);
    forge.run_ok(&["plan"], &pull_request);
    let price = json!([{"op": "replace", "path": "/offer_price", "value": 3}]);
    sandbox.by_hand("PATCH", "/surveys/1000001", price);
    let merged = forge.merge(&pull_request);
    sandbox.forget();
    let run = forge.run(&["replan", "apply"], &merged);
    assert!(!run.ok, "{}", run.log);
    assert!(run.log.contains("error: the plan is"), "{}", run.log);
    assert!(sandbox.writes().is_empty());
    // Nobody reviewed anything: there is no name to compare with.
    forge.forget_artifacts();
    assert!(!forge.run(&["replan"], &merged).ok);
}

/// An hour in which 50 respondents complete every survey in field.
fn an_hour(sandbox: &Sandbox) {
    sandbox.admin("POST", "clock", json!({"advance": "1h"}));
    for live in sandbox.surveys(22) {
        let survey = &live["ps_survey_id"];
        let respondents = json!({"vendor": "purespectrum", "survey": survey, "completes": 50});
        sandbox.admin("POST", "respondents", respondents);
    }
}

/// A survey that 50 respondents an hour do not fill.
fn large(name: &str) -> String {
    survey(name, "").replace("completes: 100", "completes: 5000")
}

/// The vendor cannot launch the next survey that is made, until that is over.
fn launches_fail(sandbox: &Sandbox, id: u64) {
    let path = format!("*/surveys/{id}");
    sandbox.fault(json!({"method": "PATCH", "path": path, "status": 500, "times": 0}));
}

#[test]
fn respondents_between_the_review_and_the_merge_do_not_spoil_it_and_a_job_that_is_run_again_goes_on() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    for name in ["one", "two", "three"] {
        forge.write(&format!("surveys/{name}.yaml"), &large(name));
    }
    let pull_request = forge.open_pull_request(&forge.branch("first"), true);
    forge.run_ok(&["validate", "plan"], &pull_request);
    forge.run_ok(&["replan", "apply"], &forge.merge(&pull_request));
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);

    // A price of one that fills, one that is paused, and a new one, whose launch fails when they are merged. Then the job
    // that failed is run again, or the whole run.
    let prices = ["2.50 USD", "2.40 USD", "2.30 USD"];
    for (round, again) in [&["apply"][..], &["replan", "apply"][..]].into_iter().enumerate() {
        an_hour(&sandbox);
        forge.edit("surveys/one.yaml", prices[round], prices[round + 1]);
        let stopped = ["two", "three"][round];
        forge.edit(
            &format!("surveys/{stopped}.yaml"),
            "status: live",
            "status: paused",
        );
        let new = ["four", "five"][round];
        forge.write(&format!("surveys/{new}.yaml"), &large(new));
        let pull_request = forge.open_pull_request(&forge.branch(new), true);
        forge.run_ok(&["validate", "plan"], &pull_request);
        an_hour(&sandbox);
        let merged = forge.merge(&pull_request);
        let id = 1_000_004 + u64::try_from(round).unwrap();
        launches_fail(&sandbox, id);
        forge.run_ok(&["replan"], &merged);
        an_hour(&sandbox);
        let failed = forge.run(&["apply"], &merged);
        assert!(!failed.ok && failed.log.contains("1 failed"), "{}", failed.log);
        assert_eq!(sandbox.surveys(11).len(), 1, "made and not launched");
        an_hour(&sandbox);
        sandbox.admin("DELETE", "faults", Value::Null);
        sandbox.forget();
        let run = forge.run_ok(again, &merged);
        assert!(
            run.summary.contains(&format!("{new}: launched, in field")),
            "{}",
            run.summary
        );
        assert_eq!(
            sandbox.writes().len(),
            1,
            "only what was left: {:#?}",
            sandbox.writes()
        );
    }
    assert_eq!(sandbox.count(), [0, 3, 2, 0]);
    // Surveys that are made side by side have their numbers in the order in which the vendor heard of them.
    let live = sandbox.surveys(22);
    let one = live.iter().find(|live| live["survey_title"] == "About one");
    assert_eq!(one.unwrap()["offer_price"].to_string(), "2.3");
}

#[test]
fn drift_fails_the_nightly_run_and_leaves_a_picture() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    in_field(&forge, &sandbox);
    let night = forge.night();
    assert_eq!(forge.jobs(&night), ["drift"]);
    forge.run_ok(&["drift"], &night);
    let pause = json!([{"op": "replace", "path": "/ps_survey_status", "value": 33}]);
    sandbox.by_hand("PATCH", "/surveys/1000001", pause);
    let run = forge.run(&["drift"], &night);
    assert!(
        !run.ok && run.summary.contains("**drift** `one`"),
        "{}\n{}",
        run.log,
        run.summary
    );
    assert!(forge.artifact("infield-picture").join("picture.json").exists());
}

#[test]
fn a_project_in_which_every_survey_has_finished_is_green_every_night() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    in_field(&forge, &sandbox);
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": 1_000_001, "completes": 100}),
    );
    assert_eq!(sandbox.count(), [0, 0, 1, 0], "the vendor has paused it");
    let run = forge.run_ok(&["drift"], &forge.night());
    assert!(run.summary.contains("**done** `one`"), "{}", run.summary);
    // Ten days later the vendor closes it, and nobody has edited anything.
    sandbox.admin("POST", "clock", json!({"advance": "11d"}));
    assert_eq!(sandbox.count(), [0, 0, 0, 1]);
    let run = forge.run_ok(&["drift"], &forge.night());
    assert!(run.summary.contains("**done** `one`"), "{}", run.summary);
    forge.write("notes.txt", "Fieldwork is over.\n");
    let head = forge.branch("gitlab");
    forge.gitlab("infield-drift", &head).expect("nothing moved");
}

#[test]
fn a_fork_gets_a_plan_without_secrets_and_the_merge_the_same_one() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    in_field(&forge, &sandbox);
    forge.run_ok(&["drift"], &forge.night());
    forge.edit("surveys/one.yaml", CHEAPER.0, CHEAPER.1);
    let pull_request = forge.open_pull_request(&forge.branch("from-a-fork"), false);
    assert_eq!(forge.jobs(&pull_request), ["validate", "plan-from-picture"]);
    sandbox.forget();
    let comments = forge.comments();
    let run = forge.without_secrets(|| forge.run_ok(&["validate", "plan-from-picture"], &pull_request));
    assert!(sandbox.log().is_empty(), "a vendor was asked");
    assert!(
        run.summary.contains("**From a picture** taken 2"),
        "{}",
        run.summary
    );
    assert_eq!(forge.comments(), comments, "its token may not comment");
    let merged = forge.merge(&pull_request);
    forge.run_ok(&["replan", "apply"], &merged);
    assert_eq!(sandbox.survey(1_000_001)["offer_price"].to_string(), "2.4");
}

#[test]
fn a_bad_manifest_fails_its_pull_request_with_annotations() {
    let Some((forge, _sandbox)) = start("git bash") else {
        return;
    };
    forge.write(
        "surveys/one.yaml",
        &survey("one", "").replace("completes: 100", "completes: many"),
    );
    let pull_request = forge.open_pull_request(&forge.branch("bad"), true);
    for job in ["validate", "plan"] {
        let run = forge.run(&[job], &pull_request);
        assert!(!run.ok, "{job}");
        assert!(
            job == "plan" || run.log.contains("::error file=surveys/one.yaml,line=5"),
            "{}",
            run.log
        );
    }
    assert!(forge.comments().is_empty());
}

#[test]
fn fifteen_lines_go_from_the_pull_request_to_the_field_while_respondents_arrive() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    forge.uses("short.yml");
    let file = std::fs::read_to_string("examples/ci/github/workflows/short.yml").unwrap();
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    assert!(lines.count() <= 15, "{file}");
    forge.write("surveys/one.yaml", &large("one"));
    let pull_request = forge.open_pull_request(&forge.branch("first"), true);
    assert_eq!(forge.jobs(&pull_request), ["infield"]);
    let run = forge.run_ok(&["infield"], &pull_request);
    assert!(
        run.summary.contains("1 to create, 1 to launch"),
        "{}",
        run.summary
    );
    assert_eq!((forge.comments().len(), sandbox.count()), (1, [0, 0, 0, 0]));
    let merged = forge.merge(&pull_request);
    let run = forge.run_ok(&["infield"], &merged);
    assert!(run.summary.contains("one: launched, in field"), "{}", run.summary);
    // A change of the price, and an hour between its review and its merge.
    forge.edit("surveys/one.yaml", CHEAPER.0, CHEAPER.1);
    let pull_request = forge.open_pull_request(&forge.branch("cheaper"), true);
    forge.run_ok(&["infield"], &pull_request);
    an_hour(&sandbox);
    let merged = forge.merge(&pull_request);
    sandbox.forget();
    forge.run_ok(&["infield"], &merged);
    assert_eq!(sandbox.writes().len(), 1);
    // Run again, and at night: nothing is left, and nothing moved.
    sandbox.forget();
    forge.run_ok(&["infield"], &merged);
    forge.run_ok(&["infield"], &forge.night());
    assert!(sandbox.writes().is_empty());
    // What nobody reviewed is not applied, and a push to another branch does nothing.
    let mut elsewhere = merged.clone();
    elsewhere["ref_name"] = json!("feature");
    assert_eq!(forge.run_ok(&["infield"], &elsewhere).summary, "");
    sandbox.by_hand(
        "PATCH",
        "/surveys/1000001",
        json!([{"op": "replace", "path": "/offer_price", "value": 3}]),
    );
    sandbox.forget();
    assert!(!forge.run(&["infield"], &merged).ok);
    let night = forge.run(&["infield"], &forge.night());
    assert!(
        !night.ok && night.log.contains("::error::the vendor and the manifests differ"),
        "{}",
        night.log
    );
    assert!(sandbox.writes().is_empty());
}

#[test]
fn fifteen_lines_plan_a_fork_without_secrets_and_stop_a_bad_manifest() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    forge.uses("short.yml");
    forge.write("surveys/two.yaml", &survey("two", ""));
    forge.merge(&forge.open_pull_request(&forge.branch("first"), true));
    // The picture is left although the night is red: what was merged is not there yet.
    assert!(!forge.run(&["infield"], &forge.night()).ok);
    forge.write("surveys/one.yaml", &survey("one", ""));
    let pull_request = forge.open_pull_request(&forge.branch("theirs"), false);
    let asked = sandbox.log().len();
    let run = forge.run_ok(&["infield"], &pull_request);
    assert!(
        run.summary.contains("2 to create, 2 to launch"),
        "{}",
        run.summary
    );
    assert_eq!(sandbox.log().len(), asked, "from the picture");
    assert!(forge.comments().is_empty());
    forge.edit("surveys/one.yaml", "completes: 100", "completes: many");
    let bad = forge.branch("bad");
    for own in [true, false] {
        let pull_request = forge.open_pull_request(&bad, own);
        let run = forge.run(&["infield"], &pull_request);
        assert!(
            !run.ok && run.log.contains("::error file=surveys/one.yaml"),
            "{}",
            run.log
        );
    }
    let mut tag = forge.night();
    tag["event_name"] = json!("release");
    let run = forge.run(&["infield"], &tag);
    assert!(
        !run.ok && run.log.contains("for the event release: give a command"),
        "{}",
        run.log
    );
}

/// Two projects in one repository, with a survey each; the head of their branch.
fn two_projects(forge: &Forge, sandbox: &Sandbox) -> String {
    for brand in ["tea", "soda"] {
        forge.project(&format!("brands/{brand}/"), brand, sandbox);
        forge.write(&format!("brands/{brand}/one.yaml"), &survey(brand, ""));
    }
    forge.branch("both")
}

#[test]
fn two_projects_in_one_repository_keep_their_comments_plans_and_annotations_apart() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    forge.uses("short.yml");
    let pull_request = forge.open_pull_request(&two_projects(&forge, &sandbox), true);
    let brands = [[("paths", "brands/tea")], [("paths", "brands/soda")]];
    for _ in 0..2 {
        for brand in &brands {
            forge.gives(brand);
            forge.run_ok(&["infield"], &pull_request);
        }
    }
    let comments = forge.comments();
    assert_eq!(comments.len(), 2, "one of each, replaced: {comments:#?}");
    for (comment, brand) in comments.iter().zip(["tea", "soda"]) {
        let head = format!("### infield plan for `{brand}` in `production`: 1 to create");
        assert!(comment.contains(&head), "{comment}");
        let marker = format!("<!-- infield:plan {brand}/production ");
        assert!(comment.starts_with(&marker), "{comment}");
    }
    // What was reviewed of each is found again.
    let merged = forge.merge(&pull_request);
    for brand in &brands {
        forge.gives(brand);
        forge.run_ok(&["infield"], &merged);
    }
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
    for brand in &brands {
        forge.gives(brand);
        forge.run_ok(&["infield"], &forge.night());
    }
    for picture in ["tea", "soda"] {
        forge.artifact(&format!("infield-picture-production-brands-{picture}"));
    }
}

#[test]
fn gitlab_keeps_two_projects_of_one_repository_apart() {
    let Some((forge, sandbox)) = start("git sh jq") else {
        return;
    };
    let head = two_projects(&forge, &sandbox);
    for job in ["plan", "plan", "replan", "apply", "drift"] {
        for (prefix, paths) in [("tea", "brands/tea"), ("soda", "brands/soda")] {
            forge.gives(&[("job-prefix", prefix), ("paths", paths)]);
            let done = forge.gitlab(&format!("{prefix}-{job}"), &head);
            done.unwrap_or_else(|said| panic!("{prefix}-{job}: {said}"));
        }
    }
    assert_eq!(forge.comments().len(), 2);
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
}

#[test]
fn files_are_named_from_the_root_of_the_checkout_in_whichever_folder_a_job_runs() {
    let Some((forge, _sandbox)) = start("git bash") else {
        return;
    };
    forge.write(
        "brands/tea/one.yaml",
        &survey("one", "").replace("completes: 100", "completes: many"),
    );
    let checkout = forge.checkout(&forge.branch("bad"));
    let says = |folder: &str, format: &str, variable: &str| {
        let mut shell = forge.shell("bash", &checkout.path().join(folder));
        shell.env(variable, checkout.path());
        let run = format!("infield validate . --format {format}");
        let output = shell.args(["-c", &run]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for (folder, variable, found) in [
        ("brands/tea", "GITHUB_WORKSPACE", "brands/tea/one.yaml"),
        ("brands/tea", "CI_PROJECT_DIR", "brands/tea/one.yaml"),
        ("", "GITHUB_WORKSPACE", "brands/tea/one.yaml"),
        // Nobody says where the checkout is.
        ("brands/tea", "UNSAID", "one.yaml"),
    ] {
        let annotation = says(folder, "github", variable);
        assert!(
            annotation.contains(&format!("::error file={found},line=")),
            "{annotation}"
        );
        let log: Value = serde_json::from_str(&says(folder, "sarif", variable)).unwrap();
        let run = &log["runs"][0];
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], found);
        assert_eq!(run["automationDetails"]["id"], "infield/test/");
    }
}

#[test]
fn nothing_of_the_gitlab_component_is_filled_into_a_script() {
    let example = std::fs::read_to_string("examples/ci/gitlab/gitlab-ci.yml").unwrap();
    assert!(example.lines().count() <= 15, "{example}");
    let [_, jobs] = forge::component();
    for (name, job) in jobs.as_object().unwrap() {
        assert!(!job["script"].to_string().contains("$[["), "{name}");
    }
    let text = std::fs::read_to_string("templates/infield.yml").unwrap();
    for secret in [
        "PURESPECTRUM_TOKEN",
        "INNOVATEMR_TOKEN",
        "CINT_CLIENT_ID",
        "CINT_CLIENT_SECRET",
    ] {
        assert!(text.contains(&format!("#   {secret}")), "{secret}");
    }
    // What a branch could write allows nothing.
    assert!(!jobs.to_string().contains("INFIELD_ALLOW_"));
}

#[test]
fn secrets_reach_only_the_steps_that_need_them() {
    let workflow = forge::yaml("github/workflows/infield.yml");
    assert_eq!(
        workflow["permissions"],
        json!({}),
        "no permission unless a job asks"
    );
    for (name, job) in workflow["jobs"].as_object().unwrap() {
        let text = job.to_string();
        assert!(job["timeout-minutes"].is_u64(), "{name}");
        let permissions = job["permissions"].as_object().unwrap();
        let writes: Vec<&String> = permissions
            .iter()
            .filter(|(_, may)| *may == "write")
            .map(|(what, _)| what)
            .collect();
        assert_eq!(writes.is_empty(), name != "plan", "{name}: {writes:?}");
        let uses_secrets = text.contains("secrets.");
        let environment = job["environment"].as_str();
        assert_eq!(uses_secrets, environment.is_some(), "{name}");
        assert_eq!(
            environment == Some("infield-production"),
            name == "apply",
            "{name}"
        );
        assert!(job["env"].is_null(), "{name}: secrets go to steps");
        // What comes from outside is never part of a script.
        for step in job["steps"].as_array().unwrap() {
            assert!(
                !step["run"].as_str().unwrap_or_default().contains("${{"),
                "{name}"
            );
        }
    }
    // A group keeps one run waiting and drops the others.
    assert_eq!(workflow["jobs"]["apply"]["concurrency"], Value::Null);
    assert_eq!(workflow["jobs"]["replan"]["concurrency"], Value::Null);
    // What a branch could write allows nothing.
    assert!(!workflow.to_string().contains("INFIELD_ALLOW"));
    let action = forge::action();
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(
            !step["run"].as_str().unwrap_or_default().contains("${{"),
            "{}",
            step["name"]
        );
    }
}

#[test]
fn gitlab_goes_on_after_an_apply_in_part_while_respondents_arrive() {
    let Some((forge, sandbox)) = start("git sh jq") else {
        return;
    };
    forge.write("surveys/one.yaml", &large("one"));
    let head = forge.branch("first");
    for job in ["infield-plan", "infield-replan", "infield-apply"] {
        forge.gitlab(job, &head).expect("one is in field");
    }
    forge.edit("surveys/one.yaml", CHEAPER.0, CHEAPER.1);
    forge.write("surveys/two.yaml", &large("two"));
    let head = forge.branch("second");
    launches_fail(&sandbox, 1_000_002);
    for job in ["infield-validate", "infield-plan", "infield-replan"] {
        forge
            .gitlab(job, &head)
            .expect("it is the plan that was reviewed");
        an_hour(&sandbox);
    }
    let failed = forge.gitlab("infield-apply", &head).expect_err("a launch fails");
    assert!(failed.contains("1 failed"), "{failed}");
    sandbox.admin("DELETE", "faults", Value::Null);
    an_hour(&sandbox);
    sandbox.forget();
    forge.gitlab("infield-apply", &head).expect("it goes on");
    assert_eq!(sandbox.writes().len(), 1, "only what was left");
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
}

#[test]
fn gitlab_from_the_merge_request_to_the_field() {
    let Some((forge, sandbox)) = start("git sh jq") else {
        return;
    };
    forge.write("surveys/one.yaml", &survey("one", ""));
    let head = forge.branch("first");
    forge.gitlab("infield-validate", &head).expect("valid");
    forge.gitlab("infield-plan", &head).expect("a plan");
    assert_eq!(forge.comments().len(), 1);
    forge.edit("surveys/one.yaml", "completes: 100", "completes: 120");
    let head = forge.branch("first");
    forge.gitlab("infield-plan", &head).expect("a plan");
    assert_eq!(forge.comments().len(), 1, "the note is replaced");
    assert!(forge.comments()[0].contains("| `completes` |  | 120 |"));
    // On the default branch: the same plan, then what was planned.
    forge.gitlab("infield-replan", &head).expect("the same plan");
    forge.gitlab("infield-apply", &head).expect("applied");
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    sandbox.forget();
    let again = forge
        .gitlab("infield-replan", &head)
        .expect("nothing is left of it");
    assert!(
        again.contains("Nothing to do") && sandbox.writes().is_empty(),
        "{again}"
    );
    // The night: nothing moved, then something did. The picture of the first is what forks get.
    forge.gitlab("infield-drift", &head).expect("nothing moved");
    forge.edit("surveys/one.yaml", CHEAPER.0, CHEAPER.1);
    let fork = forge.branch("fork");
    sandbox.forget();
    let said = forge.without_secrets(|| forge.gitlab("infield-plan-from-picture", &fork).expect("a plan"));
    assert!(said.contains("from a picture: taken 2"), "{said}");
    assert!(sandbox.log().is_empty(), "a vendor was asked");
    // Its merge is a push here, with secrets, and was planned there.
    std::fs::write(forge.path("source"), "2").unwrap();
    forge
        .gitlab("infield-replan", &fork)
        .expect("the plan that the fork showed");
    forge.gitlab("infield-apply", &fork).expect("applied");
    assert_eq!(sandbox.survey(1_000_001)["offer_price"].to_string(), "2.4");
    let pause = json!([{"op": "replace", "path": "/ps_survey_status", "value": 33}]);
    sandbox.by_hand("PATCH", "/surveys/1000001", pause);
    forge
        .gitlab("infield-drift", &fork)
        .expect_err("it was paused by hand");
}

#[test]
fn an_apply_of_github_waits_for_whoever_has_the_state() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    forge.write("surveys/one.yaml", &survey("one", ""));
    let pull_request = forge.open_pull_request(&forge.branch("first"), true);
    forge.run_ok(&["validate", "plan"], &pull_request);
    let merged = forge.merge(&pull_request);
    forge.run_ok(&["replan"], &merged);
    let run = forge.while_locked(|| forge.run(&["apply"], &merged));
    assert!(run.ok && run.log.contains("is locked by"), "{}", run.log);
    assert_eq!(forge.waits(), "30\n");
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn an_apply_of_gitlab_waits_for_whoever_has_the_state() {
    let Some((forge, sandbox)) = start("git sh jq") else {
        return;
    };
    forge.write("surveys/one.yaml", &survey("one", ""));
    let head = forge.branch("first");
    for job in ["infield-plan", "infield-replan"] {
        forge.gitlab(job, &head).expect("a plan");
    }
    let said = forge.while_locked(|| forge.gitlab("infield-apply", &head));
    let said = said.expect("applied in the end");
    assert!(said.contains("is locked by"), "{said}");
    assert_eq!(forge.waits(), "30\n");
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

/// A forge with an empty project that points at a sandbox of its own; nothing where a program is missing.
#[expect(clippy::print_stderr, reason = "what is skipped is said aloud")]
fn start(programs: &str) -> Option<(Forge, Sandbox)> {
    if let Some(missing) = programs_missing(programs) {
        eprintln!("SKIPPED: there is no {missing} here");
        return None;
    }
    let sandbox = Sandbox::start();
    let forge = Forge::new(&sandbox);
    Some((forge, sandbox))
}

/// The value at a path of keys; null where there is none.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, key| &value[key])
}

#[test]
fn a_scheduled_round_does_what_was_approved_and_nothing_else() {
    let Some((forge, sandbox)) = start("git bash") else {
        return;
    };
    in_field(&forge, &sandbox);
    sandbox.forget();
    forge.write("notes.txt", "It is in field.\n");
    let said = forge.gitlab("infield-run", &forge.branch("gitlab"));
    let said = said.expect("nothing is left to do");
    assert!(said.contains("nothing to do"), "{said}");
    forge.edit("surveys/one.yaml", CHEAPER.0, CHEAPER.1);
    let said = forge.gitlab("infield-run", &forge.branch("cheaper"));
    let said = said.expect_err("somebody has to apply that");
    assert!(said.contains("update waits for somebody"), "{said}");
    assert_eq!(sandbox.writes(), [json!(null); 0]);
}
