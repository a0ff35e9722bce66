namespace Petabridge.Cmd.Protocol;

internal static class PaletteShapes
{
    public static PaletteShape ToShape(this CommandPalette palette) =>
        new(
            palette.ModuleName,
            [
                .. palette.Definitions.Select(d => new CommandShape(
                    d.Name,
                    d.Description,
                    [.. d.Arguments.Select(Shape)]
                )),
            ]
        );

    private static ArgumentShape Shape(ArgumentDefinition a) =>
        new(
            a.Name,
            a.Description,
            a.IsMandatory,
            a.AllowMultiple,
            a.IsFlag(),
            [.. a.Switch],
            [.. a.DefaultValues],
            a.DefaultValue
        );
}
