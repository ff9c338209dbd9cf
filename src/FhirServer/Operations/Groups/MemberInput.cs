using FhirEmr.FhirServer.Interactions.Patching;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations.Groups;

/// <summary>What a call of <c>$member-add</c> or <c>$member-remove</c> names: the patient and the provider, by reference or by identifier, and the period.</summary>
internal sealed record MemberInput(string? Patient, (string? System, string Value)? MemberId, string? Provider, (string? System, string Value)? ProviderNpi, JsonMembers? Period)
{
    private static readonly string[] Known = ["memberId", "patientReference", "providerNpi", "providerReference", "attributionPeriod", "coverageReference"];

    public static (MemberInput? Input, FhirFault? Fault) Read(FhirRequest request)
    {
        var operation = request.Target.Operation;
        if (!request.Body.Exists || request.Body.Type.Name != "Parameters")
            return (null, FhirFault.Of(FaultKind.Invalid, $"${operation} takes a Parameters resource with patientReference or memberId."));
        var input = new MemberInput(null, null, null, null, null);
        foreach (var parameter in (((JsonMembers)JsonValue.Parse(request.Body.Raw))["parameter"] as JsonItems)?.Items.OfType<JsonMembers>() ?? [])
        {
            var name = parameter.TextOf("name");
            switch (name)
            {
                case "patientReference" when Reference(parameter) is { } patient:
                    input = input with { Patient = patient };
                    break;
                case "memberId" when Identifier(parameter) is { } id:
                    input = input with { MemberId = id };
                    break;
                case "providerReference" when Reference(parameter) is { } provider:
                    input = input with { Provider = provider };
                    break;
                case "providerNpi" when Identifier(parameter) is { } npi:
                    input = input with { ProviderNpi = npi };
                    break;
                case "attributionPeriod" when parameter["valuePeriod"] is JsonMembers period:
                    input = input with { Period = period };
                    break;
                case "coverageReference" when Reference(parameter) is not null: // names the member once more; the Group says nothing of coverages
                    break;
                default:
                    return (null, FhirFault.Of(FaultKind.Invalid, Known.Contains(name)
                        ? $"${operation}: {name} has the wrong type: ids are a valueIdentifier, references a valueReference, attributionPeriod a valuePeriod."
                        : $"${operation} has no parameter '{name}'; it takes {string.Join(", ", Known)}.", "Parameters.parameter"));
            }
        }

        if (input is { Patient: null, MemberId: null })
            return (null, FhirFault.Of(FaultKind.Invalid, $"${operation} needs patientReference or memberId.", "Parameters.parameter", "required"));
        return (input, null);
    }

    private static string? Reference(JsonMembers parameter) => (parameter["valueReference"] as JsonMembers)?.TextOf("reference");

    private static (string? System, string Value)? Identifier(JsonMembers parameter) =>
        parameter["valueIdentifier"] is JsonMembers id && id.TextOf("value") is { } value ? (id.TextOf("system"), value) : null;
}
