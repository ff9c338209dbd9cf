global using Interaction = FhirEmr.FhirServer.Security.Access.Interaction;
global using Task = System.Threading.Tasks.Task;
