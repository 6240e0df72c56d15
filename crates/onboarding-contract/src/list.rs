//! One list of cases makes the functions that run them and the tests that an adapter gets.

/// Lists the cases of the module that it stands in. `($)` hands the dollar through to the macro that it makes.
macro_rules! list_cases {
    (($dollar:tt) $subject:ident => $contract:ident: $($case:ident),+ $(,)?) => {
        /// The cases, each on a fresh store.
        pub mod run {
            $(
                /// The case of the same name.
                pub async fn $case<H: $crate::Harness>() {
                    let harness = H::start().await;
                    super::$case(&$crate::bench::Bench::on(harness.store()).await).await;
                }
            )+
        }

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $contract {
            ($dollar harness:ty) => {
                mod $subject {
                    use super::*;
                    $(
                        #[$crate::tokio::test(flavor = "multi_thread", crate = "onboarding_contract::tokio")]
                        async fn $case() {
                            $crate::$subject::run::$case::<$dollar harness>().await;
                        }
                    )+
                }
            };
        }
    };
}
pub(crate) use list_cases;
