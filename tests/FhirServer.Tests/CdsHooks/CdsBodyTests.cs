using System.Text;
using FhirEmr.FhirServer.CdsHooks;

namespace FhirEmr.FhirServer.Tests.CdsHooks;

/// <summary>Bodies that are nearly JSON are refused, as those that are none.</summary>
public sealed class CdsBodyTests
{
    private static readonly CdsService Service = new("patient-view", "patient-view", "", "", [], (_, _, _) => throw new InvalidOperationException("Nothing is asked."));

    [Theory]
    [InlineData("""{"hook":"\ud800","hookInstance":"x"}""")]
    [InlineData("""{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"\udc00"}}""")]
    public void Half_a_surrogate_pair_in_a_question_is_refused(string body) => Assert.Equal(400, CdsRequestReader.Read(Encoding.UTF8.GetBytes(body), Service).Fault!.Status);

    [Theory]
    [InlineData("""{"feedback":[{"card":"\ud800","outcome":"accepted"}]}""")]
    [InlineData("""{"feedback":[{"card":"4e0a3a1e-3883-4575-ab84-028355fe2788","outcome":"\ud800"}]}""")]
    public void Half_a_surrogate_pair_in_feedback_is_refused(string body) => Assert.Equal(400, CdsFeedback.Read(Encoding.UTF8.GetBytes(body), Service, new Uri("http://example.org")).Fault!.Status);

    [Fact]
    public void What_is_not_in_UTF_8_is_refused()
    {
        byte[] body = [.. "{\"hook\":\"patient-view\",\"hookInstance\":\""u8, 0xE9, .. "\",\"context\":{\"userId\":\"Practitioner/1\",\"patientId\":\"1\"}}"u8];
        byte[] feedback = [.. "{\"feedback\":[{\"card\":\""u8, 0xE9, .. "\"}]}"u8];

        Assert.Equal(400, CdsRequestReader.Read(body, Service).Fault!.Status);
        Assert.Equal(400, CdsFeedback.Read(feedback, Service, new Uri("http://example.org")).Fault!.Status);
    }
}
