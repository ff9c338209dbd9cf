using System.Text.Json.Nodes;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>All services in one visible list; the discovery document is written from it.</summary>
internal sealed class CdsServices(PatientView patientView, OrderSign orderSign, EncounterDischarge discharge)
{
    public IReadOnlyList<CdsService> All { get; } = [patientView.Service, orderSign.Service, discharge.Service];

    public CdsService? Find(string id) => All.FirstOrDefault(s => s.Id == id);

    /// <summary>https://cds-hooks.hl7.org/2.0/#discovery.</summary>
    public JsonObject Discovery() => new()
    {
        ["services"] = new JsonArray([.. All.Select(s => new JsonObject
        {
            ["hook"] = s.Hook,
            ["id"] = s.Id,
            ["title"] = s.Title,
            ["description"] = s.Description,
            ["prefetch"] = new JsonObject(s.Prefetch.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, p.Value))),
            ["usageRequirements"] = "What is not sent along is read from this server's own records, with the user's access token in fhirAuthorization or Authorization.",
        })]),
    };
}
