namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>One numbered rule of the billing spec, section 3: a pure function of the claim graph and the tables it was built with.</summary>
internal interface IScrubRule
{
    /// <summary>The rule's number, <c>DX-002</c>; a class that implements a family names its first.</summary>
    string Id { get; }

    /// <summary>What is wrong; nothing when all is well. Does not throw on an incomplete claim.</summary>
    IEnumerable<ScrubFinding> Check(ClaimGraph claim);
}
