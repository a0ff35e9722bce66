using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `personality`, which are the same for a device and for a collection.</summary>
internal static class PersonalityWords
{
    /// <param name="about">device or collection.</param>
    public static CommandDefinitionBuilder WithPersonality(this CommandDefinitionBuilder command, string about) =>
        command
            .WithName("personality")
            .WithDescription(
                $"Personality data of a {about}: names and values that its machine{(about == "device" ? "" : "s")} can read; no place for passwords"
            )
            .WithArgument(a =>
                a.WithName("action")
                    .WithDescription(string.Join(", ", PersonalityCommands.Actions))
                    .WithDefaultValues(PersonalityCommands.Actions)
                    .IsMandatory(true)
            )
            .WithArgument(a => a.WithName(about).WithDescription($"name or id of the {about}").IsMandatory(true))
            .WithArgument(a =>
                a.WithName("strings")
                    .WithDescription("set: NAME=VALUE, several of them; get: a name; delete: names")
                    .AllowMultiple(true)
            )
            .WithArgument(a =>
                a.WithName("file")
                    .WithDescription("set: a file on the server with lines NAME=VALUE, or a JSON object of texts")
                    .WithSwitch("--file")
            )
            .WithOutput();
}
