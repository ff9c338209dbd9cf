using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>The administration lines that belong to the vaccines given on one day.</summary>
/// <remarks>
/// One first administration a day and one line for the additional ones; oral and nasal vaccines have their own codes and are additional
/// when anything was injected. Medicare takes its own codes for influenza, pneumococcal and hepatitis B vaccines.
/// </remarks>
internal static class VaccineAdministration
{
    private static readonly HashSet<string> OralOrNasal = ["90680", "90681", "90660", "90672", "90690"];

    public static IEnumerable<ChargeLine> For(IReadOnlyList<ChargeLine> products, bool isMedicare)
    {
        foreach (var day in products.GroupBy(p => p.ServiceDate))
        {
            var general = day.ToList();
            if (isMedicare)
            {
                foreach (var product in day)
                {
                    if (MedicareCode(product.Code) is not { } code)
                        continue;
                    general.Remove(product);
                    yield return Line(product, CodeSystemUrls.Hcpcs, code, product.Quantity);
                }
            }

            var injected = general.Where(p => !OralOrNasal.Contains(p.Code)).ToList();
            var swallowed = general.Where(p => OralOrNasal.Contains(p.Code)).ToList();
            var injections = injected.Sum(p => p.Quantity);
            var others = swallowed.Sum(p => p.Quantity);

            if (injections > 0)
                yield return Line(injected[0], CodeSystemUrls.Cpt, "90471", 1);
            if (injections > 1)
                yield return Line(injected[^1], CodeSystemUrls.Cpt, "90472", injections - 1);
            if (others > 0 && injections == 0)
                yield return Line(swallowed[0], CodeSystemUrls.Cpt, "90473", 1);

            var additional = injections > 0 ? others : others - 1;
            if (additional > 0)
                yield return Line(swallowed[^1], CodeSystemUrls.Cpt, "90474", additional);
        }
    }

    private static ChargeLine Line(ChargeLine product, string system, string code, decimal units) =>
        new() { Source = product.Source, System = system, Code = code, Quantity = units, ServiceDate = product.ServiceDate };

    private static string? MedicareCode(string product) => product switch
    {
        "90630" or "90653" or "90654" or "90655" or "90656" or "90657" or "90658" or "90660" or "90661" or "90662" or "90672" or "90673"
            or "90674" or "90682" or "90685" or "90686" or "90687" or "90688" or "90689" or "90694" or "90756" => "G0008",
        "90670" or "90671" or "90677" or "90732" => "G0009",
        "90739" or "90740" or "90743" or "90744" or "90746" or "90747" or "90759" => "G0010",
        _ => null,
    };
}
