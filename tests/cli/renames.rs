//! Renames: whatever gets another name in a manifest stays what it is at the vendor.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::Value;

const LAUNCH: [&str; 4] = ["apply", "--yes", "--allow", "launch"];

/// The plan makes nothing, puts nothing in field or out of it, and moves no money.
fn makes_nothing(project: &Project) -> Value {
    let plan = project.plan();
    for action in ["create", "replace", "launch", "pause", "close", "forget"] {
        assert_eq!(plan["summary"][action], 0, "{action}: {plan:#}");
    }
    for exposure in plan["exposure"].as_array().unwrap() {
        assert_eq!(exposure["before"], exposure["after"], "{plan:#}");
    }
    plan
}

/// Calls that make or change something, each as method and path.
fn written(sandbox: &Sandbox) -> Vec<String> {
    let line = |call: &Value| {
        format!(
            "{} {}",
            call["method"].as_str().unwrap(),
            call["path"].as_str().unwrap()
        )
    };
    let log = sandbox.log();
    let writes = log.iter().filter(|call| call["method"] != "GET");
    writes.map(line).collect()
}

fn addresses(project: &Project) -> Vec<String> {
    let list = project.ok(&["state", "list"]).stdout;
    let address = |line: &str| line.split('\t').next().unwrap().to_owned();
    list.lines().map(address).collect()
}

/// Applies what only renames: nothing is posted, and the next plan is empty.
fn renamed(project: &Project, sandbox: &Sandbox) {
    sandbox.forget();
    makes_nothing(project);
    // A list may be asked for by a POST.
    let asked = written(sandbox);
    sandbox.forget();
    let sent = |args: &[&str]| -> Vec<String> {
        sandbox.forget();
        project.ok(args);
        let sent = written(sandbox).into_iter();
        sent.filter(|call| !asked.contains(call)).collect()
    };
    let first = sent(&["apply", "--yes"]);
    assert!(first.iter().all(|call| call.starts_with("PUT ")), "{first:?}");
    project.expect_settled();
    assert_eq!(sent(&["apply", "--yes"]), [""; 0], "it is not done again");
}

#[test]
fn a_survey_gets_another_name_and_nothing_is_sent() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    let old = survey("one", "");
    project.write("one.yaml", &old.replace("name: one", "name: uno"));
    // Nobody has said yet what it is.
    let plan = project.run(&["plan"]).code(0).says("`moved_from: one`");
    plan.says("`moved_from: none`");
    makes_nothing(&project);
    sandbox.forget();
    project.run(&APPLY).code(3);
    assert!(sandbox.writes().is_empty());

    project.write(
        "one.yaml",
        &old.replace("name: one", "name: uno\nmoved_from: one"),
    );
    project
        .ok(&["plan"])
        .says("→ moved: it was `one` until now")
        .says("Nothing is sent: 1 name changes with the next apply");
    let plan = makes_nothing(&project);
    assert_eq!(plan["moves"], serde_json::json!([{"from": "one", "to": "uno"}]));
    let markdown = project.ok(&["plan", "--format", "markdown"]).stdout;
    assert!(markdown.contains("**moved** `uno`"), "{markdown}");
    renamed(&project, &sandbox);
    assert_eq!(addresses(&project), ["uno"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    // Taken out again, it still is what it is.
    project.write("one.yaml", &old.replace("name: one", "name: uno"));
    project.expect_settled();
}

#[test]
fn what_is_said_to_be_new_is_made_beside_the_old_one() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    let new = survey("one", "").replace("name: one", "name: uno\nmoved_from: none");
    project.write("one.yaml", &new);
    let plan = project.plan();
    assert_eq!(plan["summary"]["create"], 1, "{plan:#}");
}

#[test]
fn surveys_change_names_with_each_other_and_follow_each_other() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let named = |title: &str, name: &str, old: &str| {
        survey(title, "").replace(
            &format!("name: {title}"),
            &format!("name: {name}{}", old.replace('<', "\nmoved_from: ")),
        )
    };
    for name in ["one", "two"] {
        project.write(&format!("{name}.yaml"), &named(name, name, ""));
    }
    project.apply();
    let id = |address: &str| project.ok(&["state", "show", address]).json()["id"].clone();
    let (one, two) = (id("one"), id("two"));
    project.write("one.yaml", &named("one", "two", "<one"));
    project.write("two.yaml", &named("two", "one", "<two"));
    renamed(&project, &sandbox);
    assert_eq!((id("one"), id("two")), (two.clone(), one.clone()));
    // What was `two` at first is `three`, and what was `one` is `one` again.
    project.write("one.yaml", &named("one", "one", "<two"));
    project.write("two.yaml", &named("two", "three", "<one"));
    renamed(&project, &sandbox);
    assert_eq!((id("one"), id("three")), (one, two));
    assert_eq!(addresses(&project), ["one", "three"]);
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
}

#[test]
fn groups_and_quotas_get_other_names_where_they_are() {
    let sandbox = Sandbox::start();
    let project = Project::example("cint").with_all(&sandbox);
    project.ok(&LAUNCH);
    let file = "brand-tracker.yaml";
    project.edit(file, "name: us-adults", "name: adults");
    let plan = makes_nothing(&project);
    assert!(plan.to_string().contains("`moved_from: us-adults`"), "{plan:#}");
    project.edit(file, "name: adults", "name: adults\n    moved_from: us-adults");
    renamed(&project, &sandbox);
    project.edit(
        file,
        "name: brand-tracker",
        "name: brands\nmoved_from: brand-tracker",
    );
    renamed(&project, &sandbox);
    assert_eq!(
        addresses(&project),
        ["brands", "brands/adults", "brands/us-hispanic"]
    );
    // Names of quotas are kept nowhere at Cint.
    project.edit(file, "name: men", "name: males");
    let plan = project.plan();
    assert_eq!(plan["steps"], serde_json::json!([]), "{plan:#}");
    renamed(&project, &sandbox);

    let sandbox = Sandbox::start();
    let project = Project::example("innovatemr").with_all(&sandbox);
    project.ok(&LAUNCH);
    let before = addresses(&project);
    let file = "brand-lift.yaml";
    project.edit(file, "name: brand-lift", "name: lift\nmoved_from: brand-lift");
    renamed(&project, &sandbox);
    let after: Vec<String> = before
        .iter()
        .map(|old| old.replacen("brand-lift", "lift", 1))
        .collect();
    assert_eq!(addresses(&project), after);
}

#[test]
fn a_quota_gets_another_name_in_field() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let quotas = "quotas:\n  - {name: men, completes: 50, where: {gender: male}}\n  \
                  - {name: women, completes: 50, where: {gender: female}}\n";
    project.write("one.yaml", &survey("one", quotas));
    project.apply();
    let respondents = serde_json::json!({"survey": "1000001", "completes": 20});
    sandbox.admin("POST", "respondents", respondents);
    project.edit("one.yaml", "name: men,", "name: males,");
    project.ok(&["plan"]).says("men → males");
    renamed(&project, &sandbox);
    let names = |sandbox: &Sandbox| -> Vec<(String, u64)> {
        let survey = sandbox.survey(1_000_001);
        let quotas = survey["quotas"].as_array().unwrap().iter();
        let quota = |quota: &Value| {
            (
                quota["buyer_quota_id"].as_str().unwrap().to_owned(),
                quota["required_count"].as_u64().unwrap(),
            )
        };
        quotas.map(quota).collect()
    };
    let both = |men: &str, women: &str| [(men.to_owned(), 50), (women.to_owned(), 50)];
    assert_eq!(names(&sandbox), both("males", "women"));
    // They change names with each other, and one of them its goal.
    project.edit("one.yaml", "name: males,", "name: women, moved_from: males,");
    let text = project.read("one.yaml");
    let at = text.rfind("name: women,").unwrap();
    let last = text[at..].replacen("name: women,", "name: males, moved_from: women,", 1);
    project.write("one.yaml", &format!("{}{last}", &text[..at]));
    renamed(&project, &sandbox);
    assert_eq!(names(&sandbox), both("women", "males"));
}

#[test]
fn a_study_gets_another_name_with_all_of_its_parts() {
    let sandbox = Sandbox::start();
    let project = Project::example("studies/three-marketplaces").with_all(&sandbox);
    project.ok(&LAUNCH);
    let before = addresses(&project);
    project.edit("soda-brands.yaml", "name: soda-brands", "name: sodas");
    makes_nothing(&project);
    project.edit(
        "soda-brands.yaml",
        "name: sodas",
        "name: sodas\nmoved_from: soda-brands",
    );
    renamed(&project, &sandbox);
    let after: Vec<String> = before
        .iter()
        .map(|old| old.replacen("soda-brands", "sodas", 1))
        .collect();
    assert_eq!(addresses(&project), after);
}

/// Four surveys of two markets and two waves.
fn matrix(name: &str, keys: [&str; 2], more: &str) -> String {
    let key = |key: &str| match key {
        "market" => "  market: [us, ca]\n",
        _ => "  wave: [1, 2]\n",
    };
    survey("snacks", more)
        .replace("title: About snacks", "title: Snacks ${market} ${wave}")
        .replace(
            "name: snacks",
            &format!("name: {name}\nmatrix:\n{}{}", key(keys[0]), key(keys[1])),
        )
}

#[test]
fn keys_of_a_matrix_stand_in_any_order_and_are_renamed() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("snacks.yaml", &matrix("snacks", ["market", "wave"], ""));
    project.apply();
    let before = addresses(&project);
    assert_eq!(before[0], "snacks-ca-1");
    project.write("snacks.yaml", &matrix("snacks", ["wave", "market"], ""));
    project.expect_settled();
    // As an earlier version named them when the keys were not in the order of the alphabet.
    for address in &before {
        let mut parts = address.split('-');
        let (name, market, wave) = (
            parts.next().unwrap(),
            parts.next().unwrap(),
            parts.next().unwrap(),
        );
        project.ok(&["state", "mv", address, &format!("{name}-{wave}-{market}")]);
    }
    renamed(&project, &sandbox);
    assert_eq!(addresses(&project), before);
    // Another name for all of them, and another name for a value.
    project.write(
        "snacks.yaml",
        &matrix("crisps\nmoved_from: snacks", ["market", "wave"], ""),
    );
    renamed(&project, &sandbox);
    assert_eq!(addresses(&project)[0], "crisps-ca-1");
    let value = "title: Snacks ${market.was} ${wave}";
    let renamed_value = matrix(
        "crisps\nmoved_from: crisps-${market.was}-${wave}",
        ["market", "wave"],
        "",
    )
    .replace("[us, ca]", "[{name: usa, was: us}, {name: ca, was: ca}]")
    .replace("title: Snacks ${market} ${wave}", value);
    project.write("snacks.yaml", &renamed_value);
    renamed(&project, &sandbox);
    assert_eq!(
        addresses(&project),
        ["crisps-ca-1", "crisps-ca-2", "crisps-usa-1", "crisps-usa-2"]
    );
    assert_eq!(sandbox.count(), [0, 4, 0, 0]);
    // Without a word about it, nothing happens to any of them.
    let silent = renamed_value.replace("name: usa", "name: states");
    project.write(
        "snacks.yaml",
        &silent.replace("moved_from: crisps-${market.was}-${wave}\n", ""),
    );
    let plan = makes_nothing(&project);
    assert!(
        plan.to_string().contains("`moved_from: crisps-usa-1`"),
        "{plan:#}"
    );
}

#[test]
fn state_mv_moves_whole_surveys_groups_studies_and_quotas() {
    let sandbox = Sandbox::start();
    let project = Project::example("studies/three-marketplaces").with_all(&sandbox);
    project.ok(&LAUNCH);
    sandbox.forget();
    let before = addresses(&project);
    project
        .ok(&["state", "mv", "soda-brands", "sodas"])
        .says("soda-brands@cint is sodas@cint now")
        .says("of its groups went along");
    let after: Vec<String> = before
        .iter()
        .map(|old| old.replacen("soda-brands", "sodas", 1))
        .collect();
    assert_eq!(addresses(&project), after);
    let sent = |sandbox: &Sandbox| written(sandbox).len();
    project.ok(&["state", "mv", "sodas/main", "sodas/all"]);
    assert!(addresses(&project).contains(&"sodas@cint/all".to_owned()));
    project.ok(&["state", "mv", "sodas@cint/all", "sodas@cint/main"]);
    project
        .run(&["state", "mv", "sodas/main", "tea/main"])
        .code(1)
        .says("stays in its survey");
    project
        .run(&["state", "mv", "sodas", "a/b"])
        .code(1)
        .says("cannot become a group");
    assert_eq!(sent(&sandbox), 0);

    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let quotas = "quotas:\n  - {name: men, completes: 50, where: {gender: male}}\n  \
                  - {name: women, completes: 50, where: {gender: female}}\n";
    for name in ["one", "two"] {
        project.write(&format!("{name}.yaml"), &survey(name, quotas));
    }
    project.apply();
    sandbox.forget();
    let id = |address: &str| project.ok(&["state", "show", address]).json()["id"].clone();
    let (one, two) = (id("one"), id("two"));
    project
        .run(&["state", "mv", "one", "two"])
        .code(1)
        .says("`two` is taken");
    project.ok(&["state", "mv", "two", "aside"]);
    project.ok(&["state", "mv", "one", "two"]);
    project.ok(&["state", "mv", "aside", "one"]);
    assert_eq!((id("one"), id("two")), (two, one));
    project
        .run(&["state", "mv", "one/quotas/men", "one/quotas/women"])
        .code(1)
        .says("is taken");
    project
        .run(&["state", "mv", "one/quotas/mem", "one/quotas/males"])
        .code(1)
        .says("did you mean `men`?");
    project
        .ok(&["state", "mv", "one/quotas/men", "one/quotas/males"])
        .says("the quota men of one is males now");
    let shown = project.ok(&["state", "show", "one"]).stdout;
    assert!(
        shown.contains("\"males\"") && !shown.contains("\"men\""),
        "{shown}"
    );
    assert!(sandbox.writes().is_empty(), "nothing of this reaches the vendor");
}

/// A pipeline that applies only where something changes must not leave out what only the state is told.
#[test]
fn what_only_the_state_is_told_is_pending_until_an_apply_has_told_it() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    let night = ["plan", "--detailed-exitcode"];
    let text = project.read("one.yaml");
    let renamed = text.replace("name: one", "name: two\nmoved_from: one");
    for (now, says, count) in [
        (renamed.clone(), "1 name changes with the next apply", "rename"),
        (
            format!("{renamed}protect: true\n"),
            "1 survey is remembered otherwise with the next apply",
            "remember",
        ),
        (
            format!("{renamed}tags: [wave-3]\n"),
            "1 survey is remembered otherwise with the next apply",
            "remember",
        ),
        (
            format!("{renamed}on_remove: close\n"),
            "1 survey is remembered otherwise with the next apply",
            "remember",
        ),
    ] {
        project.write("one.yaml", &now);
        sandbox.forget();
        project.run(&night).code(2).says(says);
        let plan = project.plan();
        assert_eq!(plan["summary"][count], 1, "{plan:#}");
        project
            .apply()
            .says("Apply: nothing was sent, and what has changed is remembered.");
        assert!(sandbox.writes().is_empty());
        project.run(&night).code(0).says("Nothing to do");
    }
}

/// A survey that becomes a marketplace of another one, or comes out of it, may be the same all along.
#[test]
fn what_joins_another_survey_as_its_marketplace_or_leaves_it_is_not_made_again() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    let both = |share: &str, text: String| {
        let text = text.replace("purespectrum: {", &format!("purespectrum: {{{share}"));
        text.replace("field_days", "field: {end: 2036-12-15T18:00:00Z}\nfield_days")
    };
    let cint =
        "cint: {project_manager: b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337, share: 50%}\n";
    let test_url = "test_url: https://survey.example.com/test\n";
    let alone = |name: &str| {
        let text = survey(name, "").replace(&format!("About {name}"), "About soda");
        let text = text.replace("field_days: 7", "field: {end: 2036-12-15T18:00:00Z}");
        let lines = text.lines().filter(|line| !line.starts_with("purespectrum"));
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        format!("{text}{test_url}{}", cint.replace(", share: 50%", ""))
    };
    project.write("soda.yaml", &survey("soda", ""));
    project.write("other.yaml", &alone("soda-cint"));
    project.apply();
    let makes_none = |help: &str| {
        sandbox.forget();
        let plan = project.plan();
        assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
        assert_eq!(plan["summary"]["pause"], 0, "{plan:#}");
        project.run(&["plan"]).says(help);
    };
    project.remove("other.yaml");
    let joined = both("share: 50%, ", survey("soda", test_url));
    project.write("soda.yaml", &format!("{joined}{cint}"));
    makes_none("`infield state mv soda-cint soda@cint` if it is the same");
    project.ok(&["state", "mv", "soda-cint", "soda@cint"]);
    project.apply();
    project.expect_settled();
    project.write("soda.yaml", &survey("soda", ""));
    project.write("other.yaml", &alone("soda-cint"));
    makes_none("`infield state mv soda@cint soda-cint` if it is the same");
    project.edit("other.yaml", "kind: Survey", "kind: Survey\nmoved_from: none");
    let plan = project.plan();
    assert_eq!(
        plan["summary"]["create"], 2,
        "it is new, says its manifest: {plan:#}"
    );
}
