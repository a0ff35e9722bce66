using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>
/// Who gives a command: `--by`, which every command has that may be recorded. pbm fills it in with its user and host where the operator does not; nobody proves
/// who he is. pbm goes by the argument's name, so another argument that is switched by --by has another one.
/// </summary>
internal static class SignedPalette
{
    public const string By = "by";

    private const string Switch = "--by";

    public static CommandPalette Of(CommandPalette palette) =>
        new(
            palette.ModuleName,
            palette.Definitions.Select(d =>
                d.TakesBy() || ReadingCommands.AlwaysReads(palette.ModuleName, d.Name) ? d : Signed(d)
            )
        );

    public static bool TakesBy(this CommandDefinition definition) => definition.ArgumentsByName.ContainsKey(By);

    /// <summary>For a handler that knows nothing of who gives it.</summary>
    public static Command Unsigned(Command command) =>
        new(command.Palette, command.Name, [.. command.Arguments.Where(a => a.Item1 != Switch)]);

    private static CommandDefinition Signed(CommandDefinition definition)
    {
        var signed = new CommandDefinitionBuilder().WithName(definition.Name).WithDescription(definition.Description);
        foreach (var argument in definition.Arguments)
            signed.WithArgument(a => Copied(a, argument));
        return signed
            .WithArgument(a =>
                a.WithName(By)
                    .WithDescription("who does it, for the farm's history; pbm says its user and host unless given")
                    .WithSwitch(Switch)
            )
            .Build();
    }

    private static ArgumentDefinitionBuilder Copied(ArgumentDefinitionBuilder copy, ArgumentDefinition argument)
    {
        copy.WithName(argument.Name)
            .WithDescription(argument.Description)
            .IsMandatory(argument.IsMandatory)
            .AllowMultiple(argument.AllowMultiple)
            .WithDefaultValues([.. argument.DefaultValues]);
        foreach (var typed in argument.Switch)
            copy.WithSwitch(typed);
        return argument.DefaultValue is { } otherwise ? copy.WithDefaultValue(otherwise) : copy;
    }
}
