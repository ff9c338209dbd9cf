using System.Text;
using FhirEmr.FhirServer.Operations.Observations;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Operations.Observations;

/// <summary>The table of observation-operation-lastn, and the orders of time.</summary>
public sealed class CodeGroupsTests
{
    [Theory]
    [InlineData("a|b|c", 3)]
    [InlineData("a|b|a,c", 2)]
    [InlineData("a|b|a,b", 1)]
    [InlineData("a,b|c,d|b,c", 1)]
    [InlineData("'textM|'Text|'t e x t", 3)]
    [InlineData("'a|a", 2)]
    [InlineData("'same|'same", 1)]
    public void Observations_are_grouped_by_equal_codings_transitively_and_by_text_as_written(string codes, int groups)
    {
        var all = new CodeGroups(TimeZoneInfo.Utc);
        foreach (var (i, code) in codes.Split('|').Index())
            all.Add(Observation(i + 1, code[0] == '\'' ? $$"""{"text":"{{code[1..]}}"}""" : $$"""{"coding":[{{string.Join(',', code.Split(',').Select(c => $$"""{"system":"s","code":"{{c}}"}"""))}}]}""", "\"effectiveDateTime\":\"2024\""));

        // All at one moment: one of each group would be all of it, so only the number of groups with a newer one tells.
        all.Add(Observation(99, """{"text":"own"}""", "\"effectiveDateTime\":\"2024\""));
        var later = new CodeGroups(TimeZoneInfo.Utc);
        foreach (var (i, code) in codes.Split('|').Index())
            later.Add(Observation(i + 1, code[0] == '\'' ? $$"""{"text":"{{code[1..]}}"}""" : $$"""{"coding":[{{string.Join(',', code.Split(',').Select(c => $$"""{"system":"s","code":"{{c}}"}"""))}}]}""", $"\"effectiveDateTime\":\"{2000 + i}\""));
        Assert.Equal(groups, later.Newest(1).Count);
        Assert.Equal(codes.Split('|').Length + 1, all.Newest(1).Count);
    }

    [Theory]
    [InlineData("\"effectiveDateTime\":\"2024-01-02\"", "\"effectiveDateTime\":\"2024-01-01T23:59:59Z\"")]
    [InlineData("\"effectivePeriod\":{\"end\":\"2025-01-01\",\"start\":\"2024-02-01\"}", "\"effectiveDateTime\":\"2024-01-31\"")]
    [InlineData("\"effectiveInstant\":\"2024-01-01T01:00:00+01:00\"", "\"effectiveInstant\":\"2024-01-01T00:30:00+02:00\"")]
    [InlineData("\"effectiveTiming\":{\"code\":{\"text\":\"x\"},\"event\":[\"2024-01-01\",\"2024-06-01\"]}", "\"effectiveDateTime\":\"2024-05-01\"")]
    [InlineData("\"effectiveDateTime\":\"1850\"", "\"status\":\"final\"")]
    public void The_later_beginning_is_the_newer_and_none_is_the_oldest(string newer, string older)
    {
        var groups = new CodeGroups(TimeZoneInfo.Utc);
        groups.Add(Observation(1, """{"text":"x"}""", newer));
        groups.Add(Observation(2, """{"text":"x"}""", older));

        Assert.Equal([1L], groups.Newest(1).Select(o => o.Sid));
    }

    [Fact]
    public void The_same_test_of_two_people_is_two_tests()
    {
        var groups = new CodeGroups(TimeZoneInfo.Utc);
        groups.Add(Observation(1, """{"text":"x"}""", "\"subject\":{\"reference\":\"Patient/1\"}"));
        groups.Add(Observation(2, """{"text":"x"}""", "\"subject\":{\"display\":\"B\",\"reference\":\"Patient/2\"}"));

        Assert.Equal(2, groups.Newest(1).Count);
    }

    private static StoredResource Observation(long sid, string code, string more) => new(
        sid, new("Observation", $"o{sid}"), 1, DateTimeOffset.UnixEpoch, false, "PUT",
        Encoding.UTF8.GetBytes($$"""{"resourceType":"Observation","meta":{"tag":[{"code":"nested","system":"s"}]},"code":{{code}},{{more}}}"""));
}
