using FhirEmr.BillingBridge.Denials;

namespace FhirEmr.BillingBridge.Tests.Denials;

public class DenialTaskTests
{
    [Theory]
    [InlineData("coding", "denial-coding", "coders", 7)]
    [InlineData("timely-filing", "denial-timely-filing", "billing lead", 3)]
    [InlineData("medical-necessity", "denial-medical-necessity", "clinical appeals", 14)]
    [InlineData("never heard of", "denial-submission", "billers", 2)]
    public void A_category_goes_to_its_worklist(string category, string code, string group, int days)
    {
        var task = DenialTask.For(category, "Claim/1", "ClaimResponse/1", "Patient/1", "CO 4 N56", "k", 12.5m, new(2026, 4, 1))!;

        Assert.Equal((code, group, new DateOnly(2026, 4, 1).AddDays(days)), (task.Code, task.Group, task.Deadline!.Value));
    }

    [Theory]
    [InlineData("contractual")]
    [InlineData("patient")]
    [InlineData("info")]
    public void What_is_nobodys_work_makes_no_task(string category) =>
        Assert.Null(DenialTask.For(category, "Claim/1", "ClaimResponse/1", null, "", "k", 1m, new(2026, 4, 1)));
}
