//! What only InnovateMR's tests need: its manifest, its calls, and a person who looks for lost groups.

use crate::vendors::support::World;
use infield::state::Op;
use serde_json::{Value, json};

/// Two groups in two countries, with everything a group can have.
pub(crate) const LIFT: &str = "
kind: Survey
name: lift
title: Brand lift
status: live
incidence_rate: 60
length_of_interview: 8
live_url: https://survey.example.com/s/lift?tk=[%%token%%]&pid=[%%pid%%]
innovatemr: {category: 7, geo_ip_check: true}
qualifications: {age: 18-64, gender: [male, female]}
groups:
  - name: us
    locale: en-US
    completes: 300
    cpi: 3.00 USD
    max_cpi: 3.75 USD
    quotas:
      - {name: men, completes: 150, where: {gender: male}}
      - {name: young-women, completes: 150, where: {gender: female, age: 18-34}}
  - name: in
    locale: hi-IN
    completes: 200
    max_cpi: 1.80 USD
    test_url: https://survey.example.com/s/lift?test=1
    innovatemr: {note: second country, priority: 1, device_type: 3}
    qualifications: {age: [18-34, 35-64], zip: ['01234', '99999'], CORE_ENTERTAINMENT_0015: [game console, Smart TV]}
";

/// A world with this vendor.
pub(crate) async fn open(settings: &Value) -> World {
    World::of(infield::marketplace::INNOVATEMR, settings).await
}

impl World {
    pub(crate) async fn pega(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.call(method, &format!("/innovatemr/api/v2/pega/{path}"), body)
            .await
    }

    /// Settles every open create as a person would: by a look at what the vendor has.
    pub(crate) async fn settle_by_hand(&self) {
        let known = self.keeper.known().await;
        let parent = |address: &infield::model::Address| {
            let parent = address.parent().unwrap();
            known.resources[&parent].id.clone()
        };
        for (id, intent) in &known.intents {
            assert!(
                intent.address.is_group(),
                "a job is found by its title: {intent:?}"
            );
            let job = parent(&intent.address);
            let title = intent.wanted.title.value().unwrap();
            let groups = self.stored("group").await;
            let found: Vec<_> = groups
                .iter()
                .filter(|group| {
                    group["parent"].as_u64() == job.parse().ok() && group["fields"]["Name"] == json!(title)
                })
                .collect();
            assert!(found.len() <= 1, "made twice: {found:#?}");
            let mut ops = vec![Op::CloseIntent { id: id.clone() }];
            if let Some(group) = found.first() {
                let survey = infield::model::KnownSurvey {
                    applied: intent.wanted.clone(),
                    unsure: intent.hidden.iter().cloned().collect(),
                    ..Default::default()
                };
                ops.push(Op::Put {
                    address: intent.address.clone(),
                    resource: Box::new(infield::model::Resource {
                        vendor: infield::marketplace::INNOVATEMR,
                        id: group["id"].to_string(),
                        kind: infield::model::ResourceKind::Survey(Box::new(survey)),
                    }),
                });
            }
            self.keeper.commit(ops).await.unwrap();
        }
    }
}
