global using Interaction = FhirEmr.FhirServer.Security.Access.Interactions;
global using Task = System.Threading.Tasks.Task;
