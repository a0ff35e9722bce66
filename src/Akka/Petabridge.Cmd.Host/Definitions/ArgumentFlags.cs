namespace Petabridge.Cmd;

internal static class ArgumentFlags
{
    /// <summary>Whether an argument given as this switch, or by this name, is the one.</summary>
    public static bool IsGivenAs(this ArgumentDefinition argument, string typed) =>
        argument.Name == typed || argument.Switch.Contains(typed, StringComparer.Ordinal);

    /// <summary>A switch whose only suggestion is "true" takes no value.</summary>
    public static bool IsFlag(this ArgumentDefinition argument) =>
        argument.DefaultValues.Count == 1 && argument.DefaultValues.First() == "true";
}
