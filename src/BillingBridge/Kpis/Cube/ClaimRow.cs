namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>A claim in the cube: days as day numbers (0: none), names as numbers, and where its lines, money and denials lie.</summary>
internal struct ClaimRow
{
    public bool IsUsed;
    public bool IsOriginal;
    public bool IsPrimary;

    /// <summary>Primary, and neither replaced, voided nor itself a void: what it bills was done once.</summary>
    public bool IsStanding;

    public bool IsAuthorised;
    public bool IsFirstScrubClean;
    public bool IsTouched;
    public bool IsResolvedFirst;

    /// <summary>1 accepted, -1 refused, 0 not known yet.</summary>
    public sbyte AcceptedFirst;

    public int Service;
    public int Entered;
    public int Scrubbed;
    public int Submitted;

    /// <summary>Day number of the day it went to a payer, or, without one, to the patient; 0 for never.</summary>
    public int Billed;
    public int Answered;
    public int Payer;
    public int PayerClass;
    public int Provider;
    public int Location;
    public int Patient;
    public int Encounter;
    public int LineAt;
    public int PostAt;
    public int DenialAt;
    public int HccAt;
    public short Lines;
    public short Posts;
    public short Denials;
    public short Hccs;
}
