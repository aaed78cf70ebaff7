"""moto as a server, for test/deploy/emulator.ts. Four things differ from moto as it comes: a template is refused for a
linter's errors, not for its hints; termination protection can be switched; a change set that is not there can be deleted, as on
AWS; and a resource of a type that moto does not know is a stand-in that has a name and attributes, so that others may refer to
it."""

import sys

from moto.cloudformation import models, parsing
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.server import main


class StandIn(CloudFormationModel):
    # moto keeps its models by the service in this name.
    __module__ = "moto.stand_in"

    def __init__(self, name):
        self.name = name

    @property
    def physical_resource_id(self):
        return self.name

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, *_, **__):
        return cls(resource_name)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, **_):
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, *_):
        pass

    @classmethod
    def has_cfn_attr(cls, _):
        return True

    def get_cfn_attribute(self, attribute):
        return f"arn:aws:stand-in:::{self.name}/{attribute}"

    def is_created(self):
        return True


known_class = parsing.resource_class_from_type
parsing.resource_class_from_type = lambda name: known_class(name) or StandIn

validate = models.validate_template_cfn_lint
models.validate_template_cfn_lint = lambda template: [
    match for match in validate(template) if match.rule.severity == "error"
]

CloudFormationResponse.update_termination_protection = lambda self: ActionResult(
    {"StackId": self._get_param("StackName")}
)

delete_change_set = models.CloudFormationBackend.delete_change_set


def delete_change_set_if_there(self, change_set_name):
    names = [change_set.change_set_name for change_set in self.change_sets.values()]
    if change_set_name in self.change_sets or change_set_name in names:
        delete_change_set(self, change_set_name)


models.CloudFormationBackend.delete_change_set = delete_change_set_if_there

main(sys.argv[1:])
