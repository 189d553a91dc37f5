//! Staged fieldwork from the soft launch to the end, at every vendor: what each is told at a stage, what waits, and what goes
//! on.

use crate::support::{CINT, INNOVATEMR, Project, Run, Sandbox, id, survey};
use serde_json::{Value, json};

/// Soft, which holds, then half, which goes on by itself, then all.
const STAGES: &str =
    "stages:\n- {name: soft, completes: 10%, then: hold}\n- {name: ramp, completes: 50}\n- {name: full}\n";

/// What a scheduled job does: yes, and no guard allowed.
const NIGHT: [&str; 2] = ["apply", "--yes"];

/// The stage that is remembered of something.
fn stage(project: &Project, address: &str) -> String {
    let listed = project.ok(&["state", "show", address]).json();
    let found = listed.pointer("/kind/survey/climb/rung");
    found
        .unwrap_or_else(|| panic!("{listed:#}"))
        .as_str()
        .unwrap()
        .to_owned()
}

/// A survey at each vendor that is wanted in stages.
fn everywhere(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with_all(sandbox);
    let men_and_women = "qualifications: {gender: [male, female]}\nquotas:\n- {name: men, completes: 49%, where: {gender: \
        male}}\n- {name: women, completes: 51%, where: {gender: female}}\n";
    project.write("one.yaml", &survey("one", &format!("{men_and_women}{STAGES}")));
    project.write("cint.yaml", &format!("{CINT}{STAGES}"));
    project.write("innovatemr.yaml", &format!("{INNOVATEMR}{STAGES}"));
    project
}

/// Respondents complete; what stops nothing by itself is stopped by a person at the vendor's website.
fn collect(project: &Project, sandbox: &Sandbox, men: u64, women: u64) {
    let one = id(project, "one");
    for (quota, completes) in [("men", men), ("women", women)] {
        let some = json!({"survey": one, "completes": completes, "quota": quota});
        sandbox.admin("POST", "respondents", some);
    }
    for (vendor, address) in [("cint", "tracker/us"), ("innovatemr", "lift/us")] {
        let group = id(project, address);
        let some = json!({"vendor": vendor, "group": group, "completes": men + women});
        sandbox.admin("POST", "respondents", some);
    }
    let group = id(project, "lift/us");
    let paused = &json!({"status": 2});
    let place = format!("/innovatemr/api/v2/pega/group/{group}/status");
    let (status, answer) = sandbox.http("PUT", &place, paused);
    assert_eq!(status, 200, "{answer}");
}

/// How many calls have changed something; at two vendors some reads are a POST.
fn changed(sandbox: &Sandbox) -> usize {
    let log = sandbox.log();
    let changes = log
        .iter()
        .filter(|call| call["method"] == "PATCH" || call["method"] == "PUT");
    changes.count()
}

/// Nothing is planned, in field or waiting.
fn settled(project: &Project) -> Run {
    project.run(&["plan", "--detailed-exitcode"]).code(0)
}

const ALL: [&str; 3] = ["one", "tracker/us", "lift/us"];

#[test]
fn a_study_climbs_its_ladder_at_every_vendor_from_soft_launch_to_the_end() {
    let sandbox = Sandbox::start();
    let project = everywhere(&sandbox);
    // The whole ladder is seen, and only its first stage is at stake: 10 at 2.50, at 2.75 and at 3.75.
    project
        .ok(&["plan"])
        .says("10 completes, at most 25.00 USD, then hold")
        .says("50 completes, at most 125.00 USD")
        .says("100 completes, at most 250.00 USD")
        .says("at most 275.00 USD")
        .says("at most 375.00 USD");
    let plan = project.plan();
    assert_eq!(plan["exposure"][0]["after"], "90.00", "{plan:#}");
    // So it is in everything that a plan is read in.
    let steps = plan["steps"].as_array().unwrap();
    let launch = steps.iter().find(|step| step["id"] == "one:launch").unwrap();
    assert_eq!(launch["adds_later"], "225.00 USD");
    assert_eq!(
        launch["ladder"][0],
        json!({"stage": "soft", "completes": 10, "most": "25.00 USD", "then": "hold", "here": true})
    );
    assert_eq!(launch["ladder"].as_array().unwrap().len(), 3);
    let create = steps.iter().find(|step| step["id"] == "one:create").unwrap();
    assert_eq!(create["ladder"], Value::Null, "a draft approves nothing");
    let markdown = project.ok(&["plan", "--format", "markdown"]);
    let markdown = markdown
        .says("| stage | completes | at most | then | now |\n|---|--:|--:|---|---|\n")
        .says("| soft | 10 | 25.00 USD | hold | here |\n")
        .says("| ramp | 50 | 125.00 USD | on by itself |  |\n")
        .says("| full | 100 | 250.00 USD | done |  |\n");
    assert!(!markdown.stdout.contains("stages/soft"), "{}", markdown.stdout);
    let page = project.ok(&["plan", "--format", "html"]).stdout;
    assert!(
        page.contains("Stages, completes in all.") && page.contains("on by itself"),
        "{page}"
    );
    project.run(&NIGHT).code(3).says("needs the approval `launch`");
    project.apply();
    settled(&project);
    assert_eq!(sandbox.survey(1_000_001)["completes_required"], 10);
    for address in ALL {
        assert_eq!(stage(&project, address), "soft");
    }
    // The soft launch is in, and nothing goes on by itself, however often the night comes.
    collect(&project, &sandbox, 5, 5);
    for _ in 0..2 {
        settled(&project)
            .says("soft-launch-waiting: the stage `soft` has its 10 completes of 100 in all, and waits")
            .says("`infield apply --advance one=ramp` goes on to 50 completes")
            .never_says("drift");
        project
            .ok(&["plan", "--refresh-only", "--detailed-exitcode"])
            .says("No drift");
        sandbox.forget();
        project.run(&NIGHT).code(0);
        assert_eq!(changed(&sandbox), 0);
    }
    project
        .ok(&["status"])
        .says("soft launch waiting")
        .says("soft, 1 of 3: 10 of 100 completes, waits for `infield apply --advance one=ramp`")
        .never_says("check failed");
    // Somebody asks for the next stage; that was approved with the launch.
    let asked = [
        "apply",
        "--yes",
        "--advance",
        "one=ramp,tracker=ramp,lift/us=ramp",
    ];
    project.run(&asked).code(0);
    settled(&project).never_says("waits");
    for address in ALL {
        assert_eq!(stage(&project, address), "ramp");
    }
    sandbox.forget();
    project.run(&asked).code(0);
    assert_eq!(changed(&sandbox), 0);
    // The ramp goes on by itself in the next night, except where what is counted is not documented.
    collect(&project, &sandbox, 20, 20);
    project
        .run(&["plan", "--detailed-exitcode"])
        .code(2)
        .says("the stage `ramp` is collected, and `full` follows")
        .says("waits, because what InnovateMR counts is not documented");
    project.run(&NIGHT).code(0);
    settled(&project);
    assert_eq!(
        ALL.map(|address| stage(&project, address)),
        ["full", "full", "ramp"]
    );
    project.run(&["apply", "--yes", "--advance", "lift=full"]).code(0);
    settled(&project).never_says("waits");
    collect(&project, &sandbox, 24, 26);
    settled(&project).says("3 surveys are done");
    project.ok(&["status"]).says("3 done");
    // More completes in the manifest are another ladder: they are shown with what they cost, asked about and fielded.
    for file in ["one.yaml", "cint.yaml", "innovatemr.yaml"] {
        project.edit(file, "completes: 100", "completes: 150");
    }
    project
        .run(&["plan", "--detailed-exitcode"])
        .code(2)
        .says("its goal of 100 is reached, and the manifest raises it to 150")
        .says("100 completes, at most 250.00 USD → 150 completes, at most 375.00 USD");
    project.run(&NIGHT).code(3).says("needs the approval `launch`");
    project.apply();
    settled(&project).never_says("done").never_says("waits");
    for address in ALL {
        assert_eq!(stage(&project, address), "full");
    }
    assert_eq!(sandbox.survey(1_000_001)["completes_required"], 150);
}

/// One survey at PureSpectrum and Cint, six to four.
fn study(stages: &str) -> String {
    let two = "purespectrum: {category: 232, field_days: 7, share: 60%}\ncint: {project_manager: \
        b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337, field: {end: 2036-12-15T18:00:00Z}, live_url: \
        'https://survey.example.com/c?rid=[%RID%]', test_url: 'https://survey.example.com/t?rid=[%RID%]'}\n";
    let plain = survey("soda", stages).replace("field_days: 7\n", "");
    plain.replace("purespectrum: {category: 232}\n", two)
}

const PS: &str = "soda@purespectrum";
const AT_CINT: &str = "soda@cint/main";

/// Respondents complete at both marketplaces of a study.
fn collect_at(project: &Project, sandbox: &Sandbox, purespectrum: u64, cint: u64) {
    let at_purespectrum = json!({"survey": id(project, PS), "completes": purespectrum});
    let at_cint = json!({"vendor": "cint", "group": id(project, AT_CINT), "completes": cint});
    // What has reached its goal lets nobody in.
    let some = [(purespectrum, at_purespectrum), (cint, at_cint)];
    for (_, some) in some.into_iter().filter(|(completes, _)| *completes > 0) {
        sandbox.admin("POST", "respondents", some);
    }
}

#[test]
fn a_survey_of_two_marketplaces_climbs_one_ladder_whoever_collects() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("soda.yaml", &study(STAGES));
    project
        .ok(&["plan"])
        .says("6 completes, at most 15.00 USD, then hold")
        .says("40 completes, at most 100.00 USD");
    project.apply();
    settled(&project);
    // One is done with its part of the stage, and the other lags.
    collect_at(&project, &sandbox, 6, 2);
    settled(&project).says("the stage `soft` has its 6 completes here, and 8 of 10 at all marketplaces");
    collect_at(&project, &sandbox, 0, 2);
    settled(&project)
        .says("the stage `soft` has its 10 completes of 100 in all at all marketplaces, and waits")
        .says("`infield apply --advance soda=ramp` goes on to 50 completes");
    for name in [PS, "soda@cint"] {
        project
            .run(&["plan", "--advance", &format!("{name}=ramp")])
            .code(64)
            .says("is one of several marketplaces, and a stage is one of all of them")
            .says("`--advance soda=ramp` goes on at all of them");
    }
    project.run(&["apply", "--yes", "--advance", "soda=ramp"]).code(0);
    settled(&project);
    assert_eq!(
        [PS, AT_CINT].map(|address| stage(&project, address)),
        ["ramp", "ramp"]
    );
    assert_eq!(sandbox.survey(1_000_001)["completes_required"], 30);
    // The rest comes by itself, under the approval of the launch.
    collect_at(&project, &sandbox, 24, 16);
    project.run(&NIGHT).code(0);
    settled(&project);
    assert_eq!(
        [PS, AT_CINT].map(|address| stage(&project, address)),
        ["full", "full"]
    );
    collect_at(&project, &sandbox, 30, 20);
    settled(&project).says("2 surveys are done");
}

#[test]
fn a_stage_that_has_lasted_its_time_goes_on_by_itself_where_nothing_is_counted() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    let stages = "stages:\n- {name: soft, completes: 10%, for: 24h}\n- {name: full}\n";
    project.write("innovatemr.yaml", &format!("{INNOVATEMR}{stages}"));
    project
        .ok(&["plan"])
        .says("10 completes, at most 37.50 USD, for 24h at most");
    project.apply();
    project.run(&NIGHT).code(0);
    assert_eq!(stage(&project, "lift/us"), "soft");
    // A day later, by what is remembered.
    let state = ".infield/bench/state.json";
    let shown = project.ok(&["state", "show", "lift/us"]).json();
    let since = shown
        .pointer("/kind/survey/climb/since")
        .unwrap()
        .as_str()
        .unwrap();
    project.edit(state, since, "2026-01-01T00:00:00Z");
    project
        .ok(&["plan"])
        .says("the stage `soft` has lasted 24h, and `full` follows");
    project.run(&NIGHT).code(0);
    settled(&project);
    assert_eq!(stage(&project, "lift/us"), "full");
}

#[test]
fn a_dearer_ladder_asks_again_and_a_stage_that_nobody_has_is_named() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", STAGES));
    project.apply();
    for (stage, help) in [
        ("rampe", "did you mean `ramp`?"),
        ("nowhere", "it has full, ramp, soft"),
    ] {
        project
            .run(&["plan", "--advance", &format!("one={stage}")])
            .code(64)
            .says(&format!("`one` has no stage `{stage}`"))
            .says(help);
    }
    project
        .run(&["plan", "--advance", "one"])
        .code(64)
        .says("names no stage");
    project
        .run(&["plan", "--advance", "two=ramp"])
        .code(64)
        .says("there is no survey or group `two`");
    project.edit("one.yaml", "cpi: 2.50 USD", "cpi: 2.60 USD");
    let advance = ["apply", "--yes", "--advance", "one=ramp"];
    project.run(&advance).code(3).says("needs the approval `launch`");
    project
        .ok(&["plan", "--advance", "one=ramp"])
        .says("50 completes, at most 125.00 USD → 50 completes, at most 130.00 USD");
    let allowed: Vec<&str> = advance.into_iter().chain(["--allow", "launch"]).collect();
    project.run(&allowed).code(0);
    assert_eq!(stage(&project, "one"), "ramp");
    // A goal that somebody has changed at the vendor is none for the manifest.
    let more = json!([{"op": "replace", "path": "/completes_required", "value": 70}]);
    sandbox.by_hand("PATCH", "/surveys/1000001", more);
    project
        .run(&["plan", "--refresh-only", "--accept", "--yes"])
        .says("its `stages` or its `pace` say how many completes are wanted by now");
    let before: Value = project.read("one.yaml").into();
    assert!(before.as_str().unwrap().contains("completes: 100"));
}

#[test]
fn a_check_that_fails_holds_the_stage_and_says_its_figure_until_it_holds_or_somebody_goes_on() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let checks = "stages:\n- {name: soft, completes: 10, when: {incidence_rate: '>= 30', drop_off: <= 50%}}\n- {name: full}\n";
    project.write("one.yaml", &survey("one", checks));
    project
        .ok(&["plan"])
        .says("10 completes, at most 25.00 USD, on when incidence_rate >= 30 and drop_off <= 50");
    project.apply();
    let people = |completes: u64, terminations: u64| {
        let some = json!({"survey": 1_000_001, "completes": completes, "terminations": terminations});
        sandbox.admin("POST", "respondents", some);
    };
    people(10, 90);
    sandbox.forget();
    project.run(&NIGHT).code(0);
    assert_eq!(changed(&sandbox), 0);
    let waits = project
        .ok(&["plan"])
        .says("the stage `soft` has its 10 completes of 100 in all, and waits, because incidence_rate is");
    assert!(waits.text().contains("and >= 30 is wanted"), "{}", waits.text());
    // It is a verdict, so that it can fail a schedule and is news to webhooks.
    project
        .run(&["status", "--fail-on", "check-failed"])
        .code(6)
        .says("check failed")
        .says("soft, 1 of 2: 10 of 100 completes, waits, because incidence_rate is");
    let status = project.ok(&["status", "--format", "json"]).json();
    let stage_of = &status["surveys"][0]["stage"];
    assert_eq!(
        (&stage_of["name"], &stage_of["ready"]),
        (&json!("soft"), &json!(true)),
        "{status:#}"
    );
    assert_eq!(stage_of["failing"].as_array().unwrap().len(), 1, "{status:#}");
    project.run(&["apply", "--yes", "--advance", "one=full"]).code(0);
    settled(&project);
    assert_eq!(stage(&project, "one"), "full");
    // Another one of which all is well goes on in the same night.
    project.write("two.yaml", &survey("two", checks));
    project.apply();
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": 1_000_002, "completes": 10, "terminations": 5}),
    );
    project
        .ok(&["plan"])
        .says("the stage `soft` is collected, and `full` follows");
    project.run(&NIGHT).code(0);
    assert_eq!(stage(&project, "two"), "full");
}

#[test]
fn where_the_settings_say_what_counts_completes_stages_go_on_by_it() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    let stages = "stages:\n- {name: soft, completes: 10%}\n- {name: full}\n";
    project.write("innovatemr.yaml", &format!("{INNOVATEMR}{stages}"));
    project.apply();
    let some = json!({"vendor": "innovatemr", "group": id(&project, "lift/us"), "completes": 10});
    sandbox.admin("POST", "respondents", some);
    project.run(&NIGHT).code(0);
    assert_eq!(stage(&project, "lift/us"), "soft");
    let account = project.read("infield.yaml");
    let (head, tail) = account.split_once("innovatemr:").unwrap();
    let (brace, tail) = tail.split_once('{').unwrap();
    let settled =
        format!("{head}innovatemr:{brace}{{assumptions: {{counters: {{completes: Completes}}}}, {tail}");
    project.write("infield.yaml", &settled);
    project
        .ok(&["plan"])
        .says("the stage `soft` is collected, and `full` follows");
    project.run(&NIGHT).code(0);
    settled_at(&project, "full");
}

fn settled_at(project: &Project, wanted: &str) {
    settled(project);
    assert_eq!(stage(project, "lift/us"), wanted);
}
