//! BCP 47 tags and the locales of the vendor: ISO 639-2/T and ISO 3166, `eng_us` (OpenAPI, `get_locales`).

/// Languages: ISO 639-1 and ISO 639-2/T. Chinese, which is written in two ways, comes last: the vendor tells them apart by
/// names of its own.
const LANGUAGES: [&str; 183] = [
    "aa_aar", "ab_abk", "ae_ave", "af_afr", "ak_aka", "am_amh", "an_arg", "ar_ara", "as_asm", "av_ava",
    "ay_aym", "az_aze", "ba_bak", "be_bel", "bg_bul", "bi_bis", "bm_bam", "bn_ben", "bo_bod", "br_bre",
    "bs_bos", "ca_cat", "ce_che", "ch_cha", "co_cos", "cr_cre", "cs_ces", "cu_chu", "cv_chv", "cy_cym",
    "da_dan", "de_deu", "dv_div", "dz_dzo", "ee_ewe", "el_ell", "en_eng", "eo_epo", "es_spa", "et_est",
    "eu_eus", "fa_fas", "ff_ful", "fi_fin", "fj_fij", "fo_fao", "fr_fra", "fy_fry", "ga_gle", "gd_gla",
    "gl_glg", "gn_grn", "gu_guj", "gv_glv", "ha_hau", "he_heb", "hi_hin", "ho_hmo", "hr_hrv", "ht_hat",
    "hu_hun", "hy_hye", "hz_her", "ia_ina", "id_ind", "ie_ile", "ig_ibo", "ii_iii", "ik_ipk", "io_ido",
    "is_isl", "it_ita", "iu_iku", "ja_jpn", "jv_jav", "ka_kat", "kg_kon", "ki_kik", "kj_kua", "kk_kaz",
    "kl_kal", "km_khm", "kn_kan", "ko_kor", "kr_kau", "ks_kas", "ku_kur", "kv_kom", "kw_cor", "ky_kir",
    "la_lat", "lb_ltz", "lg_lug", "li_lim", "ln_lin", "lo_lao", "lt_lit", "lu_lub", "lv_lav", "mg_mlg",
    "mh_mah", "mi_mri", "mk_mkd", "ml_mal", "mn_mon", "mr_mar", "ms_msa", "mt_mlt", "my_mya", "na_nau",
    "nb_nob", "nd_nde", "ne_nep", "ng_ndo", "nl_nld", "nn_nno", "no_nor", "nr_nbl", "nv_nav", "ny_nya",
    "oc_oci", "oj_oji", "om_orm", "or_ori", "os_oss", "pa_pan", "pi_pli", "pl_pol", "ps_pus", "pt_por",
    "qu_que", "rm_roh", "rn_run", "ro_ron", "ru_rus", "rw_kin", "sa_san", "sc_srd", "sd_snd", "se_sme",
    "sg_sag", "si_sin", "sk_slk", "sl_slv", "sm_smo", "sn_sna", "so_som", "sq_sqi", "sr_srp", "ss_ssw",
    "st_sot", "su_sun", "sv_swe", "sw_swa", "ta_tam", "te_tel", "tg_tgk", "th_tha", "ti_tir", "tk_tuk",
    "tl_tgl", "tn_tsn", "to_ton", "tr_tur", "ts_tso", "tt_tat", "tw_twi", "ty_tah", "ug_uig", "uk_ukr",
    "ur_urd", "uz_uzb", "ve_ven", "vi_vie", "vo_vol", "wa_wln", "wo_wol", "xh_xho", "yi_yid", "yo_yor",
    "za_zha", "zu_zul", "zh_zho",
];

/// The codes of languages, short and long.
fn languages() -> impl Iterator<Item = (&'static str, &'static str)> {
    LANGUAGES.iter().filter_map(|codes| codes.split_once('_'))
}

/// The vendor's code of a tag with language and region; `None` where infield does not know the language.
pub(super) fn to_vendor(tag: &str) -> Option<String> {
    let (language, region) = tag.split_once('-')?;
    let plain = region.len() == 2 && region.bytes().all(|b| b.is_ascii_alphabetic());
    let (_, code) = languages().find(|(short, _)| short.eq_ignore_ascii_case(language))?;
    plain.then(|| format!("{code}_{}", region.to_ascii_lowercase()))
}

/// The tag of a vendor's code.
pub(super) fn from_vendor(code: &str) -> Option<String> {
    let (language, region) = code.split_once('_')?;
    let (short, _) = languages().find(|(_, long)| long.eq_ignore_ascii_case(language))?;
    Some(format!("{short}-{}", region.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_goes_there_and_back() {
        for (short, long) in languages() {
            let code = to_vendor(&format!("{short}-US")).unwrap();
            assert_eq!(code, format!("{long}_us"));
            assert_eq!(from_vendor(&code).unwrap(), format!("{short}-US"));
        }
        assert_eq!(to_vendor("en"), None);
        assert_eq!(to_vendor("xx-US"), None);
        assert_eq!(from_vendor("eng"), None);
    }
}
