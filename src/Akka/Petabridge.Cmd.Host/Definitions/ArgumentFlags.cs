namespace Petabridge.Cmd;

internal static class ArgumentFlags
{
    /// <summary>A switch whose only suggestion is "true" takes no value.</summary>
    public static bool IsFlag(this ArgumentDefinition argument) =>
        argument.DefaultValues.Count == 1 && argument.DefaultValues.First() == "true";
}
