using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;
using FhirEmr.BillingBridge.Scrubbing.Rules.Bundling;
using FhirEmr.BillingBridge.Scrubbing.Rules.Coordination;
using FhirEmr.BillingBridge.Scrubbing.Rules.Dates;
using FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;
using FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;
using FhirEmr.BillingBridge.Scrubbing.Rules.Headers;
using FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;
using FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;
using FhirEmr.BillingBridge.Scrubbing.Rules.Payers;
using FhirEmr.BillingBridge.Scrubbing.Rules.Places;
using FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;
using FhirEmr.BillingBridge.Scrubbing.Rules.Providers;
using FhirEmr.BillingBridge.Scrubbing.Rules.Registration;
using FhirEmr.BillingBridge.Scrubbing.Rules.Wire;
using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Every rule, in the order findings are reported (billing spec, section 3). To add one: write its class, add its line.</summary>
internal static class RuleBook
{
    public static IReadOnlyList<IScrubRule> Rules(ITerminology terminology, EditTables edits) =>
    [
        new PatientHasName(),                             // PAT-001
        new PatientHasBirthDate(),                        // PAT-002
        new BirthIsBeforeService(),                       // PAT-003
        new PatientHasSex(),                              // PAT-004
        new PatientHasAddress(),                          // PAT-005
        new ZipBelongsToState(),                          // PAT-006
        new StateIsKnown(),                               // PAT-007
        new AgeIsPlausible(),                             // PAT-008
        new ServiceIsBeforeDeath(),                       // PAT-009
        new ChartIsNotDouble(),                           // PAT-010
        new IdentityAgreesWithPayer(),                    // PAT-011
        new NameFitsTheWire(),                            // PAT-012
        new MinorHasGuarantor(),                          // PAT-013

        new HasOneFocalCoverage(),                        // COV-001
        new CoverageIsActive(),                           // COV-002
        new ServiceIsInsideCoverage(),                    // COV-003
        new MemberIdIsThere(),                            // COV-004
        new MemberIdHasShape(),                           // COV-005
        new PayerHasId(edits),                            // COV-006
        new RelationshipFitsSubscriber(),                 // COV-007
        new SubscriberIsKnown(),                          // COV-008
        new MedicareMemberIsSubscriber(),                 // COV-009
        new EligibilityIsVerified(),                      // COV-010
        new PayerSaysCovered(),                           // COV-011
        new OtherPayerIsListed(),                         // COV-012
        new CoverageOrderIsWhole(),                       // COV-013
        new PrimaryHasAnswered(),                         // COV-014
        new MedicareSecondaryTypeIsThere(),               // COV-015
        new MedicaidIsLast(),                             // COV-016
        new LiabilityPayerIsFirst(),                      // COV-017
        new GroupNumberIsThere(),                         // COV-018
        new AccidentDataAreThere(),                       // COV-019

        new BillingNpiIsValid(),                          // PRV-001
        new RenderingNpiIsValid(),                        // PRV-002
        new TaxIdIsValid(),                               // PRV-003
        new BillingAddressIsStreet(),                     // PRV-004
        new TaxonomyIsThere(),                            // PRV-005
        new ReferringNpiIsValid(),                        // PRV-006
        new ReferringIsPerson(),                          // PRV-007
        new ReferringIsAnother(),                         // PRV-008
        new RenderingIsEnrolled(edits),                   // PRV-009
        new LicenceIsInForce(),                           // PRV-010
        new ServiceFacilityIsThere(),                     // PRV-011
        new TraineeIsSupervised(),                        // PRV-012
        new IncidentToIsAllowed(),                        // PRV-013
        new ProviderIsNotExcluded(edits),                 // PRV-014

        new ControlNumberIsUnique(),                      // HDR-001
        new IsProfessionalClaim(),                        // HDR-002
        new HasAtMostFiftyLines(),                        // HDR-003
        new ReplacementNamesOriginal(),                   // HDR-004
        new PayerTakesReplacement(),                      // HDR-005
        new VoidRepeatsOriginal(),                        // HDR-006
        new NoteIsSigned(),                               // HDR-007
        new SignatureIsOnFile(),                          // HDR-008

        new ServiceDateIsThere(),                         // DAT-001
        new DatesAreInOrder(),                            // DAT-002
        new IsInsideFilingLimit(),                        // DAT-003
        new FilingLimitIsFar(),                           // DAT-004
        new HistoryDatesPrecedeService(),                 // DAT-005
        new AdmissionDateIsThere(),                       // DAT-006
        new LineStaysInOneCodeYear(),                     // DAT-007
        new ChargeIsTimely(),                             // DAT-008

        new ChargeIsPositive(),                           // AMT-001
        new LineMultiplies(),                             // AMT-002
        new LinesAddUp(),                                 // AMT-003
        new PriceIsListed(),                              // AMT-004
        new ChargeIsNotBelowContract(edits),              // AMT-005
        new ChargeIsNotAboveLimit(edits),                 // AMT-006
        new CurrencyIsDollar(),                           // AMT-007
        new PatientPaidFits(),                            // AMT-008
        new CodeIsPriced(),                               // AMT-009

        new HasDiagnosis(),                               // DX-001
        new HasAtMostTwelve(),                            // DX-002
        new CodeIsInRelease(terminology),                 // DX-003
        new CodeIsBillable(terminology),                  // DX-004
        new SeventhCharacterIsThere(terminology),         // DX-005
        new CodesAreDistinct(),                           // DX-006
        new CodeIsSpecific(terminology),                  // DX-007
        new LateralityIsGiven(terminology),               // DX-008
        new SideAgreesWithModifier(terminology),          // DX-009
        new DiagnosisFitsSex(),                           // DX-010
        new DiagnosisFitsAge(),                           // DX-011
        new DiagnosesDoNotExclude(edits),                 // DX-012
        new ManifestationIsNotFirst(terminology, edits),  // DX-013
        new EtiologyIsBefore(edits),                      // DX-014
        new ExternalCauseIsNotFirst(),                    // DX-015
        new ExternalCauseIsThere(),                       // DX-016
        new SeventhCharacterIsLikely(),                   // DX-017
        new AdditionalCodeIsThere(edits),                 // DX-018
        new ExamFindingAgrees(),                          // DX-019
        new PregnancyIsCodedWhole(),                      // DX-020
        new HypertensionIsCombined(),                     // DX-021
        new LongTermDrugAgrees(),                         // DX-022
        new DiagnosisIsDocumented(),                      // DX-023
        new DiagnosisIsCertain(terminology),              // DX-024
        new DiagnosisIsChosen(),                          // DX-025

        new ProcedureIsInCodeSet(terminology),            // PROC-001
        new StatusIsPayable(edits),                       // PROC-002
        new PointersAreValid(),                           // PROC-003
        new DiagnosisIsUsed(),                            // PROC-004
        new ProcedureFitsSex(),                           // PROC-005
        new ProcedureFitsAge(edits),                      // PROC-006
        new PreventiveVisitFitsAge(),                     // PROC-007
        new NewPatientIsNew(),                            // PROC-008
        new EstablishedPatientIsKnown(),                  // PROC-009
        new AddOnHasPrimary(edits),                       // PROC-010
        new AddOnHasPlausiblePrimary(edits),              // PROC-011
        new UnlistedIsDescribed(),                        // PROC-012
        new UnitsArePossible(),                           // PROC-013
        new LineUnitsAreLikely(edits),                    // PROC-014
        new DayUnitsAreAllowed(edits),                    // PROC-015
        new DayUnitsAreLikely(edits),                     // PROC-016
        new TimedUnitsFitMinutes(),                       // PROC-017
        new TimeIsDocumented(),                           // PROC-018
        new LineIsNotDuplicate(),                         // PROC-019
        new LineIsNotSuspectDuplicate(),                  // PROC-020
        new OneVisitADay(edits),                          // PROC-021
        new CodeIsNotReplaced(),                          // PROC-022
        new IntervalHasPassed(edits),                     // PROC-023
        new DiagnosisSupportsCode(edits),                 // PROC-024
        new ChargeHasSource(),                            // PROC-025
        new NothingIsMissed(),                            // PROC-026
        new VaccineIsAdministered(),                      // PROC-027
        new SpecimenIsCollectedOnce(),                    // PROC-028
        new ComplexityAddOnFits(),                        // PROC-029

        new ModifierIsKnown(terminology),                 // MOD-001
        new ModifiersFit(),                               // MOD-002
        new SeparateVisitIsVisit(),                       // MOD-003
        new VisitBesideProcedureIsSeparate(edits),        // MOD-004
        new SeparateVisitHasReason(edits),                // MOD-005
        new SurgeryDecisionIsMarked(edits),               // MOD-006
        new DistinctServiceIsMarkedOnce(),                // MOD-007
        new PayerPrefersX(),                              // MOD-008
        new ComponentIsOne(edits),                        // MOD-009
        new TechnicalPartIsFacilitys(edits),              // MOD-010
        new BilateralIsWhole(edits),                      // MOD-011
        new SideIsOfTheCode(edits),                       // MOD-012
        new RepeatHasFirst(),                             // MOD-013
        new TelehealthIsPaired(),                         // MOD-014
        new TelehealthIsListed(edits),                    // MOD-015
        new GlobalPeriodIsOpen(edits),                    // MOD-016
        new AssistantIsPayable(edits),                    // MOD-017
        new SurgicalModifierIsOnProcedure(),              // MOD-018
        new AddOnIsNotMultiple(edits),                    // MOD-019
        new WaivedTestIsMarked(edits),                    // MOD-020
        new NoticeModifiersAgree(),                       // MOD-021
        new DrugWasteIsSaid(),                            // MOD-022
        new ScreeningStaysPreventive(),                   // MOD-023
        new TherapyDisciplineIsSaid(edits),               // MOD-024
        new PricingModifiersAreFirst(),                   // MOD-025
        new SplitVisitIsInFacility(),                     // MOD-026
        new TeachingNamesTrainee(),                       // MOD-027

        new PairIsNeverPaid(edits),                       // NCCI-001
        new PairIsSeparated(edits),                       // NCCI-002
        new SeparationIsDocumented(edits),                // NCCI-003

        new VisitIsOutsideGlobalPeriod(edits),            // GLB-001
        new ProcedureIsOutsideGlobalPeriod(edits),        // GLB-002
        new SplitCareIsWhole(),                           // GLB-003
        new FollowUpIsRecorded(edits),                    // GLB-004

        new PlaceIsKnown(),                               // POS-001
        new PlaceFitsCode(),                              // POS-002
        new PlaceFitsEncounter(),                         // POS-003
        new VirtualVisitIsTelehealth(),                   // POS-004
        new PatientWasThere(),                            // POS-005
        new PatientWasNotInHospital(),                    // POS-006
        new FeeColumnFitsPlace(),                         // POS-007
        new PlaceIsOne(),                                 // POS-008

        new PriorAuthorisationIsThere(),                  // AUT-001
        new AuthorisationCovers(),                        // AUT-002
        new AuthorisationIsNotUsedUp(),                   // AUT-003
        new ReferralIsThere(),                            // AUT-004
        new OrderingProviderIsThere(),                    // AUT-005
        new OrderingProviderMayOrder(edits),              // AUT-006

        new DrugHasNdc(),                                 // DRG-001
        new NdcHasShape(),                                // DRG-002
        new NdcHasQuantity(),                             // DRG-003
        new NdcIsOfTheCode(edits),                        // DRG-004
        new DrugUnitsFitDose(terminology),                // DRG-005
        new ProductIsNotExpired(edits),                   // DRG-006

        new LaboratoryHasClia(),                          // LAB-001
        new CertificateCoversTest(edits),                 // LAB-002
        new ReferenceLaboratoryIsNamed(),                 // LAB-003
        new PanelIsBilledWhole(),                         // LAB-004

        new VisitLevelIsSupported(),                      // DOC-001
        new VisitLevelIsWhole(),                          // DOC-002
        new NoteIsOfRendering(),                          // DOC-003
        new NoteIsTimely(),                               // DOC-004
        new NoteIsNotCopied(edits),                       // DOC-005
        new PlanIsNotCloned(edits),                       // DOC-006
        new NoteAgreesWithChart(terminology),             // DOC-007
        new ProcedureIsWrittenUp(edits),                  // DOC-008
        new WellnessVisitIsWhole(),                       // DOC-009

        new PriorPayerBalances(),                         // COB-001
        new PriorAnswerIsWhole(),                         // COB-002
        new IsNotCrossedOver(),                           // COB-003
        new SomethingIsDue(),                             // COB-004

        new PayerRows(),                                  // PAY-001

        new DenialIsUnlikely(),                           // HIS-001

        new ValuesFitElements(),                          // X12-001
        new FileIsValid(),                                // X12-002
    ];
}
