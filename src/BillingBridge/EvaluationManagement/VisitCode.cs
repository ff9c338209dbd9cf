namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>One code of a setting: the least MDM it needs and the least minutes, when time may choose it.</summary>
/// <param name="IsNew">For new patients only, for established ones only, or null: the setting does not ask.</param>
/// <param name="Minutes">Null when time does not choose this code.</param>
public sealed record VisitCode(string Code, VisitSetting Setting, bool? IsNew, MdmLevel Level, int? Minutes);
