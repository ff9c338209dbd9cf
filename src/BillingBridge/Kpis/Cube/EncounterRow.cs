namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>An encounter in the cube, with what its claims say.</summary>
internal struct EncounterRow
{
    public bool IsUsed;
    public bool IsFinished;
    public int Day;
    public int End;
    public int Provider;
    public int Location;

    /// <summary>Of its primary claim, of several first payers the one with the most charges; 0 without one.</summary>
    public int Payer;

    public int PayerClass;

    /// <summary>Its first submission; where it has several first payers, that of the last of them to get its claim. 0 while one has none.</summary>
    public int Billed;

    /// <summary>Earliest day one of its charges was entered; 0 for none.</summary>
    public int Entered;

    /// <summary>Of its claims to first payers, else of its charge items.</summary>
    public long ChargeCents;

    /// <summary>Of its charge items.</summary>
    public long EnteredCents;
}
