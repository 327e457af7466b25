"""An import contract that import-linter lacks: a package imports the standard library, itself and what is named."""

import sys

import grimp
from importlinter import Contract, ContractCheck, fields, output


class OnlyContract(Contract):
    """Checks that the modules of `package` import nothing but the standard library, each other and `allowed`."""

    type_name = "only"

    # import-linter puts the configured values in the place of the fields.
    package: str = fields.StringField()  # type: ignore[assignment]
    allowed: list[str] = fields.ListField(subfield=fields.StringField())  # type: ignore[assignment]

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        allowed = {self.package, *self.allowed, *sys.stdlib_module_names}
        modules = {self.package, *graph.find_descendants(self.package)}
        strangers = sorted(
            f"{module} -> {imported}"
            for module in modules
            for imported in graph.find_modules_directly_imported_by(module)
            if imported.partition(".")[0] not in allowed
        )
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for stranger in check.metadata["strangers"]:
            output.print_error(f"- {stranger}")
