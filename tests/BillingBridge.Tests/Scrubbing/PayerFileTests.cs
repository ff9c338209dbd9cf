using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

public class PayerFileTests
{
    private static readonly DateOnly Day = new(2026, 3, 2);

    [Fact]
    public void A_row_says_only_what_differs_from_its_family()
    {
        var (rows, faults) = Read("""
            [
              { "payerId": "MCARE", "family": "medicare", "daysToPay": 21, "overrides": [{ "ruleId": "DX-007", "severity": null }, { "ruleId": "COV-010", "severity": "reject", "from": "2026-01-01" }] },
              // rows may be explained
              { "payerId": "ACME1", "family": "commercial", "from": "2026-01-01", "filingDays": 90, "prefersX": true, "telehealthModifiers": ["95"],
                "rules": [{ "id": "PAY-001", "severity": "warn", "message": "Send the note.", "codes": ["99215"], "sex": "female", "unitsAbove": 1.5 }], },
            ]
            """);

        Assert.Empty(faults);
        Assert.Equal((21, null, true), (rows[0].DaysToPay, rows[0].FilingDays, rows[0].MemberIdMustMatch));
        Assert.Equal([120, 180, 60, 60, 60], rows[0].AppealDays);
        Assert.Equal([new RuleOverride("DX-007", null), new RuleOverride("COV-010", FindingSeverity.Reject, new DateOnly(2026, 1, 1))], rows[0].Overrides);
        Assert.Equal((90, true, 30), (rows[1].FilingDays, rows[1].PrefersX, rows[1].DaysToPay));
        var rule = Assert.Single(rows[1].Rules);
        Assert.Equal(("PAY-001", FindingSeverity.Warn, "Send the note.", AdministrativeGender.Female, 1.5m), (rule.Id, rule.Severity, rule.Message, rule.Sex, rule.UnitsAbove));
    }

    [Fact]
    public void The_payers_row_goes_before_its_familys_and_that_before_ours()
    {
        var payers = new PayerDirectory(Read("""[{ "payerId": "ACME1", "family": "commercial", "filingDays": 90 }, { "family": "commercial", "filingDays": 120, "to": "2026-12-31" }]""").Rows);
        var acme = new Organization { Identifier = [new Identifier(BillingUrls.PayerId, "ACME1")] };

        Assert.Equal(90, payers.For(null, acme, Day).FilingDays);
        Assert.Equal(120, payers.For(null, new Organization(), Day).FilingDays);
        Assert.Equal(180, payers.For(null, new Organization(), new DateOnly(2027, 1, 1)).FilingDays);
        Assert.Null(payers.For(null, new Organization { Name = "Medicare" }, Day).FilingDays);
    }

    [Theory]
    [InlineData("{}", "payer-rows.json cannot be read: it is not an array of rows.")]
    [InlineData("[1]", "payer-rows.json, row 1: it is no object.")]
    [InlineData("""[{ "payerId": "X" }]""", "family is missing; it is one of commercial, medicare, medicaid, blueCross, tricare, workersCompensation, auto.")]
    [InlineData("""[{ "family": "medicar" }]""", "medicar")]
    [InlineData("""[{ "family": "auto", "filingDay": 90 }]""", "filingDay")]
    [InlineData("""[{ "family": "auto", "memberIdPattern": "[" }]""", "memberIdPattern '[' is no regular expression.")]
    [InlineData("""[{ "family": "auto", "from": "2026-02-01", "to": "2026-01-01" }]""", "to lies before from.")]
    [InlineData("""[{ "family": "auto", "overrides": [{ "ruleId": "DX-999", "severity": null }] }]""", "overrides names rule DX-999")]
    [InlineData("""[{ "family": "auto", "overrides": [{ "ruleId": "DX-007" }] }]""", "severity")]
    [InlineData("""[{ "family": "auto", "rules": [{ "id": "MY-1", "severity": "warn", "message": "m" }] }]""", "PAY-001 and on")]
    [InlineData("""[{ "family": "auto", "rules": [{ "id": "PAY-001", "severity": "warn" }] }]""", "message")]
    public void What_is_wrong_is_said_with_its_row(string json, string words) => Assert.Contains(words, Assert.Single(Read(json).Faults), StringComparison.Ordinal);

    private static (IReadOnlyList<PayerProfile> Rows, IReadOnlyList<string> Faults) Read(string json) => PayerFile.Read(json, new FakeTerminology());
}
