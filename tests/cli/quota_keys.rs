//! Quotas whose keys at the vendor are any text: imported, nothing to do, and managed from then on.

use crate::support::{Project, Sandbox, survey};
use serde_json::{Value, json};

/// Keys that no name can be.
const KEYS: [&str; 8] = [
    "Males 18-24",
    "18/24 ~ 100%",
    " an edge ",
    "Cafe\u{301}",
    "a,b; c: #d",
    "${x} $${y}",
    "..",
    "no\u{a0}break\u{200b}",
];

/// Quotas as PureSpectrum takes them, each over ages of its own.
fn quotas() -> Value {
    let quota = |(at, key): (usize, &&str)| {
        let from = 20 + 5 * at;
        json!({"buyer_quota_id": key, "required_count": 20 + at, "criteria": [
            {"qualification_code": 212, "range_sets": [{"from": from, "to": from + 4, "units": 311}]},
        ]})
    };
    KEYS.iter().enumerate().map(quota).collect()
}

/// The keys of a survey's quotas with their counts.
fn counts(sandbox: &Sandbox) -> Vec<(String, u64)> {
    let survey = sandbox.survey(1_000_001);
    let count = |quota: &Value| {
        (
            quota["buyer_quota_id"].as_str().unwrap().to_owned(),
            quota["required_count"].as_u64().unwrap(),
        )
    };
    survey["quotas"].as_array().unwrap().iter().map(count).collect()
}

/// A survey made by hand, imported.
fn imported(sandbox: &Sandbox) -> Project {
    sandbox.by_hand(
        "POST",
        "/surveys",
        json!({
            "survey_title": "Keys", "survey_category_code": 232, "survey_localization": "en_US",
            "completes_required": 300, "expected_ir": 40, "expected_loi": 9, "field_time": 12, "offer_price": 2.35,
            "live_url": "https://survey.example.com/a", "quotas": quotas(),
        }),
    );
    let project = Project::empty().with(sandbox);
    project
        .ok(&["import", "--all"])
        .never_says("stay unmanaged")
        .never_says("left out");
    project.expect_settled();
    project
}

#[test]
fn any_key_survives_import_and_every_edit() {
    let sandbox = Sandbox::start();
    let project = imported(&sandbox);
    let manifest = project.read("keys.yaml");
    assert!(
        manifest.contains("{name: males-18-24, id: Males 18-24, completes: 20,"),
        "{manifest}"
    );
    let before = counts(&sandbox);
    assert_eq!(before.len(), KEYS.len());
    for at in 0..KEYS.len() {
        project.edit(
            "keys.yaml",
            &format!("completes: {},", 20 + at),
            &format!("completes: {},", 40 + at),
        );
    }
    project.ok(&["plan"]).says("Males 18-24  20 → 40");
    project.ok(&["apply", "--yes"]);
    let raised = before.into_iter().map(|(key, count)| (key, count + 20));
    assert_eq!(counts(&sandbox), raised.collect::<Vec<_>>());
    project.expect_settled();
}

#[test]
fn a_name_is_ours_alone_and_an_id_is_renamed_at_the_vendor() {
    let sandbox = Sandbox::start();
    let project = imported(&sandbox);
    project.edit("keys.yaml", "name: males-18-24,", "name: young-men,");
    project.expect_settled();
    project.edit("keys.yaml", "id: Males 18-24,", "id: Men / 18-24,");
    project.ok(&["plan"]).says("Males 18-24 → Men / 18-24");
    project.ok(&["apply", "--yes"]);
    assert_eq!(counts(&sandbox)[0], ("Men / 18-24".to_owned(), 20));
    assert_eq!(counts(&sandbox).len(), KEYS.len(), "nothing is made");
    project.expect_settled();
    // Another key and other people at once: the line says which one it was.
    project.edit(
        "keys.yaml",
        "id: Men / 18-24, completes: 20, where: {age: 20-24}",
        "id: Men 18+, moved_from: Men / 18-24, completes: 20, where: {age: 18-24}",
    );
    project.ok(&["apply", "--yes"]);
    assert_eq!(counts(&sandbox)[0], ("Men 18+".to_owned(), 20));
    assert_eq!(counts(&sandbox).len(), KEYS.len());
    project.expect_settled();
    project
        .ok(&[
            "state",
            "mv",
            "keys/quotas/18/24 ~ 100%",
            "keys/quotas/all/of them",
        ])
        .says("the quota 18/24 ~ 100% of keys is all/of them now");
}

#[test]
fn drift_of_a_quota_is_accepted_where_its_id_stands() {
    let sandbox = Sandbox::start();
    let project = imported(&sandbox);
    for (at, count) in [(1, 77), (5, 78)] {
        let quota = &sandbox.survey(1_000_001)["quotas"][at];
        let place = format!(
            "/surveys/1000001/quotas/{}",
            quota["ps_quota_id"].as_str().unwrap()
        );
        let (key, criteria) = (&quota["buyer_quota_id"], &quota["criteria"]);
        let moved = json!({"buyer_quota_id": key, "required_count": count, "criteria": criteria});
        sandbox.by_hand("PUT", &place, moved);
    }
    project.ok(&["plan", "--refresh-only", "--accept", "--yes"]);
    let manifest = project.read("keys.yaml");
    for written in ["id: 18/24 ~ 100%, completes: 77,", "${y}\", completes: 78,"] {
        assert!(manifest.contains(written), "{manifest}");
    }
    project.expect_settled();
}

#[test]
fn two_quotas_have_neither_the_same_name_nor_the_same_id() {
    let project = Project::empty();
    let quotas = |second: &str| {
        format!(
            "quotas:\n  - {{name: men, id: Everybody, completes: 50, where: {{gender: male}}}}\n  \
             - {{{second}, completes: 50, where: {{gender: female}}}}\n"
        )
    };
    for second in [
        "name: women, id: Everybody",
        "name: men, id: Women",
        "name: Everybody",
    ] {
        project.write("soda.yaml", &survey("soda", &quotas(second)));
        project
            .run(&["validate"])
            .code(1)
            .says("infield::quota::duplicate-name");
    }
    project.write(
        "soda.yaml",
        &survey("soda", &quotas("name: women, id: Women 18+")),
    );
    project.ok(&["validate"]);
    // What the vendor has is named as it is; whoever makes it up is told what nobody sees.
    project.write("soda.yaml", &survey("soda", &quotas("name: women, id: 'Women '")));
    project
        .ok(&["validate"])
        .says("warning [infield::text::unseen]")
        .says("is the vendor's key like this");
}
