namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>A scheduled visit in the cube.</summary>
internal struct VisitRow
{
    public bool IsUsed;
    public bool IsScheduled;
    public bool IsNoShow;
    public int Day;
    public int Patient;
    public int Provider;
    public int Location;
}
