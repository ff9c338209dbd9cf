using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Interchange;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>The test practice in a store, with its fee schedule and a pipeline whose clock stands still.</summary>
internal sealed class TestBilling
{
    public TestBilling(params Resource[] extra)
    {
        Records.Put([Practice.Patient, Practice.Visit, Practice.EarlierVisit, .. Practice.Related, Practice.Eligibility, Practice.Consent, Practice.Prescription, .. extra]);
        Records.Put([.. DefaultFeeSchedule.Build(new DateOnly(2000, 1, 1))]);
    }

    public TestPractice Practice { get; } = new();

    public InMemoryFhirRecords Records { get; } = new();

    public ClaimPipeline Pipeline => new(Records, Practice.Terminology, new BillingSetup { Edits = TestTables.Small, Interchange = Sender }, new StoppedClock());

    private static InterchangeOptions Sender => new()
    {
        SenderId = "TESTSENDER",
        ReceiverId = "TESTRECEIVER",
        ReceiverName = "TEST CLEARINGHOUSE",
        SubmitterName = "LAKESIDE FAMILY MEDICINE",
        ContactName = "BILLING OFFICE",
        ContactPhone = "5085550100",
    };

    public Task<ClaimResult> RunAsync() => Pipeline.RunAsync("visit", new DateOnly(2026, 3, 3), TestContext.Current.CancellationToken);

    public Claim TheClaim => Records.All<Claim>().Single();

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 3, 15, 0, 0, TimeSpan.Zero);
    }
}
