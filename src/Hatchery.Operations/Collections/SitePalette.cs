using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm site`.</summary>
internal static class SitePalette
{
    public static CommandPalette Palette { get; } =
        new(
            "site",
            [
                new CommandDefinitionBuilder()
                    .WithName("create")
                    .WithDescription("Makes a site: a place where collections of machines stand")
                    .WithArgument(a => a.WithName("name").WithDescription("its name, as a DNS label").IsMandatory(true))
                    .WithArgument(Description)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("list")
                    .WithDescription("Lists every site")
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("show")
                    .WithDescription("Shows one site and its collections")
                    .WithArgument(Site)
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("set")
                    .WithDescription("Changes a site")
                    .WithArgument(Site)
                    .WithArgument(a => a.WithName("name").WithDescription("its new name").WithSwitch("--name"))
                    .WithArgument(Description)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("delete")
                    .WithDescription("Forgets a site; refused while a collection stands there")
                    .WithArgument(Site)
                    .Build(),
            ]
        );

    private static ArgumentDefinitionBuilder Site(ArgumentDefinitionBuilder a) =>
        a.WithName("site").WithDescription("name or id of the site").IsMandatory(true);

    private static ArgumentDefinitionBuilder Description(ArgumentDefinitionBuilder a) =>
        a.WithName("description").WithDescription("for people").WithSwitch("--description");
}
