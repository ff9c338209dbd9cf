// In the name space of what it extends, so that a test that can name a plan can ask as the system does.
namespace FhirEmr.FhirServer.Security.Access;

/// <summary>The plan of tests that are not about access. In the program itself everything is seen by name and reason only (<see cref="SystemPlans"/>).</summary>
internal static class EveryRight
{
    extension(AccessPlan)
    {
        public static AccessPlan Everything => SystemPlans.Work;
    }
}
