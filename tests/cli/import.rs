//! Surveys made elsewhere, in shapes infield never writes: imported, and then nothing to do.

use crate::support::{Project, Sandbox};
use serde_json::{Value, json};

const SETTLED: [&str; 2] = ["plan", "--detailed-exitcode"];

fn empty(sandbox: &Sandbox) -> Project {
    Project::empty().with_all(sandbox)
}

/// Makes a survey at PureSpectrum as another tool would.
fn made(sandbox: &Sandbox, body: Value) -> String {
    let answer = sandbox.by_hand("POST", "/surveys", body);
    answer["ps_survey_id"]
        .as_u64()
        .or(answer["survey"]["ps_survey_id"].as_u64())
        .unwrap()
        .to_string()
}

fn survey(title: &str) -> Value {
    json!({
        "survey_title": title, "survey_category_code": 232, "survey_localization": "en_US", "completes_required": 300,
        "expected_ir": 40, "expected_loi": 9, "field_time": 12, "offer_price": 2.35,
        "live_url": "https://survey.example.com/a?tk=[%%token%%]&n=1",
    })
}

fn with(mut body: Value, more: &Value) -> Value {
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

/// Imports, and expects that nothing is written at a vendor then, and nothing is left to do.
fn settles(project: &Project, sandbox: &Sandbox, args: &[&str]) {
    sandbox.forget();
    project.ok(args);
    let writes = |call: &&Value| {
        let (method, path) = (call["method"].as_str().unwrap(), call["path"].as_str().unwrap());
        let reads = ["/jobs", "oauth/token", "/profiles/validate"];
        method != "GET" && !reads.iter().any(|end| path.ends_with(end))
    };
    project.ok(&SETTLED).says("Nothing to do");
    project
        .ok(&["apply", "--yes", "--allow", "launch,close"])
        .says("Nothing to do");
    let log = sandbox.log();
    let writes: Vec<_> = log.iter().filter(writes).collect();
    assert!(writes.is_empty(), "{writes:?}");
    let rough = project.run(&["fmt", "--check"]).stdout;
    assert!(
        rough.lines().all(|file| file == "infield.yaml"),
        "imported manifests are in canonical form: {rough}"
    );
}

#[test]
fn surveys_made_by_hand_settle_whatever_their_shape() {
    let sandbox = Sandbox::start();
    let plain = made(&sandbox, survey("Frühstück & Marken: Welle 2"));
    made(&sandbox, survey("Frühstück & Marken: Welle 2"));
    made(
        &sandbox,
        with(
            survey("Лимонад"),
            &json!({"live_url": "https://joe:pw@survey.example.com/s", "expected_ir": 40}),
        ),
    );
    made(
        &sandbox,
        with(
            survey("Layered"),
            &json!({
                "qualifications": [
                    {"qualification_code": 211, "condition_codes": ["112", "111"]},
                    {"qualification_code": 212, "range_sets": [{"from": 18, "to": 34, "units": 311}, {"from": 40, "to": 64, "units": 311}]},
                    {"qualification_code": 229, "condition_codes": ["91950", "07030"]},
                ],
                "quotas": [
                    {"buyer_quota_id": "A.1_b", "quota_title": "x", "required_count": 120,
                     "criteria": [{"qualification_code": 211, "condition_codes": ["111"]},
                                  {"qualification_code": 212, "range_sets": [{"from": 18, "to": 34, "units": 311}]}]},
                    {"required_count": 40, "criteria": [{"qualification_code": 211, "condition_codes": ["112"]}]},
                ],
            }),
        ),
    );
    let project = empty(&sandbox);
    settles(&project, &sandbox, &["import", "--all"]);
    let files: Vec<String> = std::fs::read_dir(project.folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    assert_eq!(files.len(), 5, "{files:?}");
    let first = project.read("fr-hst-ck-marken-welle-2.yaml");
    assert!(
        first.contains("title: \"Frühstück & Marken: Welle 2\""),
        "{first}"
    );
    assert!(
        first.contains(&format!("# Imported from PureSpectrum: survey {plain}.")),
        "{first}"
    );
    let secret = files
        .iter()
        .find(|name| name.starts_with("purespectrum-"))
        .unwrap();
    let text = project.read(secret);
    assert!(
        !text.contains("pw@") && text.contains("`live_url` is left out"),
        "{text}"
    );
    let layered = project.read("layered.yaml");
    insta::assert_snapshot!("a_layered_survey", layered);
}

#[test]
fn what_is_in_field_and_made_from_a_template_stays_as_it_is() {
    let project = Project::example("quickstart");
    project.apply();
    let before = project.ok(&["plan", "--format", "json"]).json();
    for file in ["from-template.yaml", "layered-quotas.yaml", "minimal.yaml"] {
        project.remove(file);
    }
    project.forget("sandbox");
    project
        .ok(&[
            "import",
            "--vendor",
            "purespectrum",
            "--status",
            "live",
            "--into",
            "adopted",
        ])
        .says("coffee-habits: PureSpectrum 1000003 is in adopted/coffee-habits.yaml")
        .says("imported 3 surveys");
    let after = project
        .ok(&["plan", "--detailed-exitcode", "--format", "json"])
        .json();
    assert_eq!(after["steps"], json!([]));
    assert_eq!(after["exposure"], before["exposure"], "no money moves");
    let template = project.read("adopted/soda-tracker-wave-3.yaml");
    assert!(
        template.contains("template_id: 15") && !template.contains("quotas:\n"),
        "{template}"
    );
    // From here on it is a survey like any other.
    project.edit("adopted/coffee-habits.yaml", "cpi: 2.50 USD", "cpi: 2.75 USD");
    project
        .ok(&["apply", "--yes"])
        .says("coffee-habits: updated")
        .says("1 call made");
    project.ok(&SETTLED);
    // What is remembered is not imported twice.
    project
        .ok(&["import", "--all"])
        .says("3 of what was asked for are remembered already")
        .says("nothing was imported");
}

#[test]
fn jobs_and_target_groups_come_with_their_groups() {
    for (vendor, manifest, imported) in [
        ("innovatemr", "brand-lift.yaml", "brand-lift-autumn.yaml"),
        ("cint", "brand-tracker.yaml", "brand-tracker-winter.yaml"),
    ] {
        let project = Project::example(vendor);
        project.apply();
        project.remove(manifest);
        project.forget("sandbox");
        project
            .ok(&["import", "--all", "--vendor", vendor])
            .says("with 2 groups");
        project.ok(&SETTLED).says("Nothing to do");
        insta::assert_snapshot!(
            format!("an_import_from_{vendor}"),
            steady(&project.read(imported))
        );
        if vendor == "cint" {
            project.edit(imported, "completes: 200", "completes: 210");
            project
                .run(&["plan", "--detailed-exitcode"])
                .code(2)
                .says("completes 200 → 210");
        }
    }
}

#[test]
fn a_group_that_is_closed_already_is_left_out_with_a_word() {
    let project = Project::example("cint");
    project.apply();
    let manifest = "brand-tracker.yaml";
    let group = "  - name: us-adults\n";
    project.edit(manifest, group, &format!("{group}    status: closed\n"));
    project.ok(&["apply", "--yes", "--allow", "close"]);
    project.remove(manifest);
    project.forget("sandbox");
    project
        .ok(&["import", "--all", "--vendor", "cint"])
        .says("with 1 group")
        .says("1 of its groups is left out by its status");
    project.ok(&SETTLED).says("Nothing to do");
}

/// A manifest without the id of its project, which differs from run to run.
fn steady(text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap();
    let (before, _) = first.rsplit_once(' ').unwrap();
    format!("{before} [ID].\n{rest}")
}

#[test]
fn groups_that_no_list_shows_are_named() {
    let sandbox = Sandbox::start();
    sandbox.admin("POST", "settings", json!({"innovatemr_job_groups": false}));
    let project = Project::example("innovatemr").with_all(&sandbox);
    project.apply();
    project.remove("brand-lift.yaml");
    project.forget("bench");
    project
        .run(&["import", "--vendor", "innovatemr", "--id", "8575"])
        .code(1)
        .says("InnovateMR does not list the groups of a job")
        .says("--id 8575 --group ID");
    project.ok(&[
        "import",
        "--vendor",
        "innovatemr",
        "--id",
        "8575",
        "--group",
        "19427",
        "--name",
        "lift",
    ]);
    project.ok(&SETTLED);
    assert!(project.exists("lift.yaml"));
}

#[test]
fn nothing_is_overwritten_and_a_preview_writes_nothing() {
    let sandbox = Sandbox::start();
    let id = made(&sandbox, survey("Soda"));
    let project = empty(&sandbox);
    let one = ["import", "--vendor", "purespectrum", "--id", &id];
    let shown = project.ok(&["import", "--vendor", "purespectrum", "--id", &id, "--preview"]);
    assert!(shown.stdout.contains("name: soda\n"), "{shown:?}");
    assert!(!project.exists("soda.yaml") && !project.exists(".infield/bench/state.json"));
    project.write("soda.yaml", "# mine\n");
    project
        .run(&one)
        .code(1)
        .says("soda.yaml exists already; --force overwrites it");
    assert_eq!(project.read("soda.yaml"), "# mine\n");
    project.ok(&["state", "list"]).never_says("soda");
    project.ok(&["import", "--vendor", "purespectrum", "--id", &id, "--force"]);
    project.ok(&SETTLED);
    project
        .run(&["import", "--vendor", "purespectrum", "--id", "1"])
        .code(1)
        .says("PureSpectrum has no 1");
    project
        .run(&["import"])
        .code(64)
        .says("it is not said what to import");
    project.run(&["import", "--id", "7"]).code(64);
}

#[test]
fn cut_off_before_its_manifests_an_import_makes_nothing_twice() {
    let sandbox = Sandbox::start();
    let id = made(&sandbox, survey("Soda"));
    let project = empty(&sandbox);
    let import = ["import", "--vendor", "purespectrum", "--id", &id];
    project.ok(&import);
    // As it is left in between: remembered, to be forgotten without a manifest, and the place of that is held.
    project.write("soda.yaml", "");
    let path = ".infield/bench/state.json";
    let mut state: Value = serde_json::from_str(&project.read(path)).unwrap();
    let policy = &mut state["resources"]["soda"]["kind"]["survey"]["policy"];
    *policy = json!({"on_remove": "forget"});
    project.write(path, &state.to_string());
    sandbox.forget();
    project.write(
        "other.yaml",
        &crate::support::survey("other", "").replace("status: live", "status: draft"),
    );
    project.ok(&["apply", "--yes"]).says("soda: forgotten");
    let writes = sandbox.writes();
    assert_eq!(writes.len(), 1, "only the other survey is made: {writes:?}");
    settles(&project, &sandbox, &import);
}

#[test]
fn manifests_that_no_plan_would_read_are_not_written() {
    let sandbox = Sandbox::start();
    let id = made(&sandbox, survey("Soda"));
    let project = empty(&sandbox);
    project.write(".ignore", "ignored\n");
    project.write("full", "");
    project.write("other.yaml", &crate::support::survey("coffee", ""));
    let import = |more: &[&str]| {
        let mut args = vec!["import", "--vendor", "purespectrum", "--id", &id];
        args.extend(more);
        let run = project.run(&args).code(1);
        project.ok(&["state", "list"]).never_says("purespectrum");
        run
    };
    for folder in ["ignored", "ignored/deep"] {
        import(&["--into", folder]).says(&format!("no plan of this project reads {folder}"));
        assert!(
            !project.exists(folder),
            "what was not written leaves nothing behind"
        );
    }
    project.write("ignored/soda.yaml", "# mine\n");
    import(&["--into", "ignored", "--force"]).says("no plan of this project reads ignored");
    assert_eq!(project.read("ignored/soda.yaml"), "# mine\n");
    import(&["--into", "full"]).says("full cannot be made");
    import(&["--name", "coffee"]).says("`coffee` is taken by another survey or group");
    // The project is more than the folder that was named.
    project.write("part/tea.yaml", &crate::support::survey("tea", ""));
    let args = [
        "import",
        "part",
        "--vendor",
        "purespectrum",
        "--id",
        &id,
        "--name",
        "coffee",
    ];
    project
        .run(&args)
        .code(1)
        .says("other.yaml has something named `coffee` already");
    assert!(!project.exists("coffee.yaml"));
    project.write("sub/infield.yaml", "kind: Project\nname: sub\n");
    import(&["--into", "sub"]).says("no plan of this project reads sub");
}

#[test]
fn what_a_lost_create_made_is_not_taken_for_somebody_elses() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let wanted = crate::support::survey("one", "").replace("status: live", "status: draft");
    project.write("one.yaml", &wanted);
    sandbox.fault(json!({"method": "POST", "path": "*/surveys", "drop_after_commit": true}));
    project.run(&["apply", "--yes"]).code(4);
    let id = sandbox.surveys(11)[0]["ps_survey_id"].to_string();
    for args in [
        vec!["import", "--all"],
        vec!["import", "--vendor", "purespectrum", "--id", &id],
    ] {
        project
            .run(&args)
            .code(1)
            .says("`one` has a create with unknown outcome")
            .says("infield state resolve one");
    }
    project.ok(&["apply", "--yes"]);
    assert_eq!(sandbox.count(), [1, 0, 0, 0], "it was made once");
    // Settled, it is remembered, and import works again.
    project
        .ok(&["import", "--all"])
        .says("1 of what was asked for is remembered already");
}

#[test]
fn an_id_given_twice_is_one_survey_and_a_vendor_that_is_not_there_is_said() {
    let sandbox = Sandbox::start();
    let id = made(&sandbox, survey("Soda"));
    let project = Project::empty().with(&sandbox);
    project
        .ok(&["import", "--vendor", "purespectrum", "--id", &id, "--id", &id])
        .says("imported 1 survey");
    project
        .ok(&["state", "list"])
        .says("soda")
        .never_says(&format!("soda-{id}"));
    project
        .run(&["import", "--vendor", "cint", "--all"])
        .code(1)
        .says("the environment `bench` has no account at Cint");
}

const MANAGER: &str = "b551326b-ac9d-4d32-8823-4f025787dab9";

/// A target group of Cint as another tool would make it: nothing of it has a reference.
fn target_group(sandbox: &Sandbox, project: &str, more: &Value) -> String {
    let body = json!({
        "name": "Drinkers of tea", "business_unit_id": 3337, "locale": "eng_us", "collects_pii": false,
        "cost_per_interview": {"value": "2.50", "currency_code": "USD"}, "project_manager_id": MANAGER,
        "fielding_specification": {"start_at": "2036-12-02T00:00:00Z", "end_at": "2037-01-01T00:00:00Z"},
        "completes_goal": 1000, "expected_length_of_interview_minutes": 10, "expected_incidence_rate": 0.33,
        "live_url": "https://survey.example.com/s?rid=[%RID%]", "test_url": "https://survey.example.com/s?test=1&rid=[%RID%]",
        "fielding_assistant_assignment": {},
        "allocations": {"open_exchange_allocations": {
            "blocked_supplier_ids": [], "exchange_min_percentage": 0, "exchange_max_percentage": 100, "groups": [],
        }},
    });
    let (_, made) = sandbox.cint(
        "POST",
        &format!("/projects/{project}/target-groups"),
        with(body, more),
    );
    format!(
        "/projects/{project}/target-groups/{}",
        made["id"].as_str().unwrap()
    )
}

/// Runs a job of a target group to its end.
fn run_job(sandbox: &Sandbox, group: &str, word: &str, body: Value) {
    let path = format!("{group}/fielding-run-jobs/{word}");
    let (place, _) = sandbox.cint("POST", &path, body);
    let job = place.rsplit('/').next().unwrap();
    crate::support::eventually(word, || {
        let (_, job) = sandbox.cint("GET", &format!("{path}/{job}"), Value::Null);
        (job["status"] == "Completed").then_some(())
    });
}

fn cint_project(sandbox: &Sandbox, name: &str) -> String {
    let (_, made) = sandbox.cint(
        "POST",
        "/projects",
        json!({"name": name, "project_manager_id": MANAGER}),
    );
    made["id"].as_str().unwrap().to_owned()
}

#[test]
fn target_groups_made_by_hand_settle_whatever_their_shape() {
    let sandbox = Sandbox::start();
    let option = |option: &str| json!({"object": "selection", "question_id": 43, "option": option});
    let ages = |min: u64, max: u64| json!({"object": "range", "question_id": 42, "min": min, "max": max});
    let count = std::cell::Cell::new(0);
    let cell = |conditions: Vec<Value>, percent: f64| {
        count.set(count.get() + 1);
        json!({"name": format!("ä # {}", count.get()), "conditions": conditions, "quota": {"completes_goal_percentage": percent}})
    };
    let profiling =
        |profiles: Vec<Value>| json!({"profile_adjustment_type": "percentage", "profiles": profiles});
    let study = cint_project(&sandbox, "Tea: the study #1");
    let uneven = target_group(
        &sandbox,
        &study,
        &json!({"profiling": profiling(vec![
            json!({"object": "regular", "quotas_enabled": true, "targets": [
                cell(vec![ages(40, 99)], 19.6), cell(vec![ages(15, 19)], 28.21), cell(vec![ages(20, 39)], 52.19),
            ]}),
            json!({"object": "regular", "quotas_enabled": true, "targets": [
                cell(vec![option("2")], 50.79), cell(vec![option("1")], 49.21),
            ]}),
        ])}),
    );
    run_job(
        &sandbox,
        &uneven,
        "launch-from-draft",
        json!({"end_fielding_at": "2037-01-01T00:00:00Z"}),
    );
    target_group(
        &sandbox,
        &study,
        &json!({"name": "Everybody else", "profiling": profiling(vec![
            json!({"object": "blended", "blended_type": "interlock", "name": "b", "quotas_enabled": true, "targets": [
                cell(vec![ages(18, 30), option("1")], 25.0), cell(vec![ages(18, 30), option("2")], 25.0),
                cell(vec![ages(31, 60), option("1")], 25.0), cell(vec![ages(31, 60), option("2")], 25.0),
            ]}),
            json!({"object": "regular", "quotas_enabled": false, "targets": [{"name": "zip", "conditions": [{
                "object": "open_ended", "question_id": 45, "allow_all_values": false, "open_ended_values": ["07030", "10001"],
            }]}]}),
        ])}),
    );
    let scheduled = target_group(&sandbox, &cint_project(&sandbox, "Tea: the study #1"), &json!({}));
    run_job(
        &sandbox,
        &scheduled,
        "schedule-from-draft",
        json!({"start_fielding_at": "2036-12-05T00:00:00Z", "end_fielding_at": "2037-01-01T00:00:00Z"}),
    );
    cint_project(&sandbox, "Without groups");
    let project = empty(&sandbox);
    settles(&project, &sandbox, &["import", "--vendor", "cint", "--all"]);
    let text = steady(&project.read("tea-the-study-1.yaml"));
    insta::assert_snapshot!("target_groups_made_by_hand", text);
    project
        .ok(&["import", "--vendor", "cint", "--all"])
        .says("2 of what was asked for are remembered already")
        .says("Cint: 1 without groups in a status that is asked for is left out");
    // An edit leaves quotas the names that they have there.
    for (at, count) in [(6, 240), (7, 260)] {
        let quota = format!("id: \"ä # {at}\", completes: ");
        project.edit(
            "tea-the-study-1.yaml",
            &format!("{quota}250"),
            &format!("{quota}{count}"),
        );
    }
    sandbox.forget();
    project.ok(&["apply", "--yes"]);
    let named = |call: &Value| (6..10).all(|at| call["body"].to_string().contains(&format!("ä # {at}")));
    assert!(sandbox.log().iter().any(named), "{:#?}", sandbox.log());
    project.expect_settled();
}

#[test]
fn jobs_made_by_hand_settle_whatever_their_shape() {
    let sandbox = Sandbox::start();
    let post = |path: &str, body: Value| -> Value {
        let (status, answer) = sandbox.http("POST", &format!("/innovatemr/api/v2/pega{path}"), &body);
        assert!(
            status == 200 && answer["apiStatus"] == "success",
            "{path} {body}: {answer}"
        );
        answer
    };
    let job = |name: &str| -> String {
        post("/job", json!({"Name": name, "Status": 0, "Category": 3}))["job"]["Id"].to_string()
    };
    let group = |job: &str, name: &str, rate: Value| -> Value {
        let body = json!({
            "Name": name, "N": 120, "IncidenceRate": rate, "EstCostPerInterview": 1, "MaximumCostPerInterview": 1.605,
            "LengthOfInterview": 2, "LiveSurveyUrl": "https://survey.example.com/s?tk=[%%token%%]&pid=[%%pid%%]",
            "TestSurveyUrl": "", "Target": {"Country": "India", "Languages": "ENGLISH"},
        });
        post(&format!("/jobs/{job}/group"), body)["group"]["Id"].clone()
    };
    let odd = job("Odd: one");
    let first = group(&odd, "Odd: one - Ä/Ö", json!(70));
    group(&odd, "Odd: one - Ä/Ö", json!(70));
    group(&odd, "yes", json!(30));
    let target = json!({"QuestionId": 2, "Options": [2, 1]});
    post(&format!("/group/{first}/target"), target);
    let quota = |title: &str, n: u64, conditions: Value| {
        post(
            "/quota",
            json!({"Title": title, "N": n, "GroupId": first, "HardStop": n > 0, "HardStopType": 0, "Conditions": conditions}),
        );
    };
    quota(
        "a b: c #d",
        60,
        json!({"AGE": ["40-55", "18-24"], "GENDER": [2, 1]}),
    );
    quota("twice", 30, json!({"AGE": ["18-24"]}));
    quota("twice", 20, json!({"AGE": ["25-34"]}));
    quota("nobody", 0, json!({"GENDER": [1]}));
    quota("men", 40, json!({"GENDER": [1]}));
    let half = job("Half a percent");
    group(&half, "a", json!(33.5));
    let project = empty(&sandbox);
    settles(
        &project,
        &sandbox,
        &["import", "--vendor", "innovatemr", "--id", &half],
    );
    let text = project.read("half-a-percent.yaml");
    assert!(text.contains("incidence_rate: 33.5\n"), "{text}");
    settles(
        &project,
        &sandbox,
        &["import", "--vendor", "innovatemr", "--id", &odd],
    );
    insta::assert_snapshot!("jobs_made_by_hand", steady(&project.read("odd-one.yaml")));
    project.edit("odd-one.yaml", "completes: 60\n", "completes: 61\n");
    sandbox.forget();
    project.ok(&["apply", "--yes"]);
    let log = sandbox.log();
    let to_quotas = |call: &&Value| call["method"] != "GET" && call["path"].to_string().contains("/quota");
    let sent: Vec<_> = log.iter().filter(to_quotas).collect();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0]["body"].to_string().contains("a b: c #d"), "{sent:?}");
    project.expect_settled();
}

#[test]
fn what_plans_would_not_find_is_not_imported_and_nothing_is_paused() {
    let sandbox = Sandbox::start();
    let id = made(&sandbox, survey("Soda"));
    sandbox.by_hand(
        "PATCH",
        &format!("/surveys/{id}"),
        json!([{"op": "replace", "path": "/ps_survey_status", "value": 22}]),
    );
    let project = empty(&sandbox);
    project.write(
        "other.yaml",
        &crate::support::survey("other", "").replace("status: live", "status: draft"),
    );
    project.write(".ignore", "left-out/\n");
    let import =
        |into: &str| project.run(&["import", "--vendor", "purespectrum", "--id", &id, "--into", into]);
    for into in ["../elsewhere", "/tmp", ".hidden", "a/target"] {
        import(into).code(64).says("plans would find no manifest");
    }
    import("left-out").code(1).says("nothing was imported");
    assert!(!project.exists("left-out/soda.yaml"));
    project.ok(&["state", "list"]).never_says("soda");
    let taken = project.run(&[
        "import",
        "--vendor",
        "purespectrum",
        "--id",
        &id,
        "--name",
        "other",
    ]);
    taken.code(1).says("`other` is taken");
    sandbox.forget();
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    let paths: Vec<String> = sandbox
        .writes()
        .iter()
        .map(|call| call["path"].to_string())
        .collect();
    assert!(!paths.iter().any(|path| path.contains(&id)), "{paths:?}");
    settles(
        &project,
        &sandbox,
        &[
            "import",
            "--vendor",
            "purespectrum",
            "--id",
            &id,
            "--into",
            "left-in",
        ],
    );
    project
        .ok(&["import", "--vendor", "purespectrum", "--id", &id])
        .says("is remembered as `soda` already");
}
